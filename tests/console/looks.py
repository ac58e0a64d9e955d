"""Questions to a browser about how a page looks, as JavaScript: what nobody can read, and what does not fit."""

FAINT = r"""() => {
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const linear = (channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);
  const luminance = (colour) => {
    const [r, g, b] = channels(colour).map((channel) => linear(channel / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    return channels(colour)[3] === 0 && element.parentElement ? behind(element.parentElement) : colour;
  };
  const contrast = (element) => {
    const style = getComputedStyle(element);
    const text = luminance(element instanceof SVGElement ? style.fill : style.color);
    const ground = luminance(behind(element));
    return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
  };
  return [...document.querySelectorAll("body *")]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .filter((element) => element.checkVisibility() && contrast(element) < 4.5)
    .map((element) => element.textContent.trim() + " " + contrast(element).toFixed(1));
}"""
"""Texts whose contrast is below what WCAG 2.2 asks for (1.4.3, level AA)."""

SPILT = """() => [...document.querySelectorAll(".picture .box")]
  .filter((box) => box.getClientRects().length)
  .filter((box) => {
    const edge = box.querySelector("rect").getBBox();
    const ends = [...box.querySelectorAll("text")].map((text) => text.getBBox().x + text.getBBox().width);
    return Math.max(...ends) > edge.x + edge.width;
  })
  .map((box) => box.textContent.trim())"""
"""Boxes of the picture that a text runs out of."""

BROKEN = """() => [...document.querySelectorAll(".tiles dd")]
  .filter((number) => {
    const text = document.createRange();
    text.selectNodeContents(number);
    return text.getClientRects().length > 1;
  })
  .map((number) => number.textContent)"""
"""Numbers that do not fit on one line."""
