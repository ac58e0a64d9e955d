"""How the notice looks: on a screen in light and in dark, and on paper. No script, and nothing of anybody else's."""

COLOURS = """
:root {
  --paper: #f7f8f7; --card: #ffffff; --ink: #17211e; --quiet: #5b6763; --rule: #dde3e0; --accent: #0b6e5f;
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #101614; --card: #18211e; --ink: #e7eeeb; --quiet: #9daaa5; --rule: #2b3733; --accent: #5fd0bb; }
}
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --quiet: #333; --rule: #999; --accent: #000; color-scheme: light; }
}
"""
"""The colours of a page that has none of its own."""

PAGE = """
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
body > header, main, footer { max-width: 50rem; margin: 0 auto; padding: 1rem 1.25rem; }
main:focus { outline: 0; }
footer { color: var(--quiet); font-size: .9rem; border-top: 1px solid var(--rule); }
.skip { position: absolute; left: -99rem; padding: .5rem 1rem; background: var(--card); color: var(--ink); }
.skip:focus { left: .5rem; top: .5rem; z-index: 1; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
"""
"""The frame of a page by itself; whoever embeds the notice has a frame."""

STYLE = """
.notice { overflow-wrap: break-word; }
.notice h1 { font-size: 1.7rem; line-height: 1.2; margin: .5rem 0 1rem; }
.notice h2 { font-size: 1.2rem; line-height: 1.3; margin: 0; }
.notice h3 { font-size: 1rem; margin: 0; }
.notice p, .notice ul { max-width: 44rem; }
.notice p { margin: .5rem 0; }
.notice li { margin: .45rem 0; }
.notice a { color: var(--accent); }
.notice .head { display: flex; align-items: baseline; gap: .5rem; margin: 1.9rem 0 .4rem; }
.notice .head.h3 { margin-top: 1.2rem; }
.notice .head a { padding: 0 .3rem; font-weight: 400; text-decoration: none; opacity: 0; }
.notice .head:hover a, .notice .head a:focus-visible { opacity: 1; }
@media (hover: none) { .notice .head a { opacity: 1; } }
.notice :target { scroll-margin-top: 1rem; outline: 2px solid var(--accent); outline-offset: .3rem; }
.notice nav { margin: 1.25rem 0; padding: .75rem 1rem; border: 1px solid var(--rule); border-radius: .6rem; }
.notice nav ul { list-style: none; margin: .25rem 0 0; padding: 0; }
.notice nav li { margin: 0; }
.notice nav li.h3 { padding-left: 1.25rem; }
.notice nav a { display: inline-block; padding: .15rem 0; }
.notice nav .title { margin: 0; font-weight: 650; }
.tongues ul { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1.25rem; margin: 0; padding: 0; }
.tongues li { list-style: none; }
.tongues a { color: var(--accent); padding: .25rem 0; display: inline-block; }
.tongues [aria-current] { font-weight: 650; padding: .25rem 0; }
@media print {
  .notice nav, .tongues, .notice .head a, .skip { display: none; }
  .notice { font-size: 10.5pt; }
  .notice a { color: inherit; }
  .notice .head, .notice h1 { break-after: avoid; break-inside: avoid; }
  .notice li, .notice p { break-inside: avoid; orphans: 3; widows: 3; }
  .notice :target { outline: 0; }
  @page { margin: 18mm; }
}
"""
"""The notice itself, in whatever page it stands: it takes its colours from there."""
