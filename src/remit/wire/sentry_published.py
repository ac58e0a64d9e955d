"""Paths of envelopes that Sentry documents: names that nobody's data invented."""

_EVENTS = """
    event_id timestamp start_timestamp type platform level release dist environment server_name transaction logger
    message fingerprint transaction_info.source logentry.message logentry.formatted logentry.params
    exception.values.type exception.values.value exception.values.module exception.values.thread_id
    exception.values.mechanism.type exception.values.mechanism.handled exception.values.mechanism.synthetic
    exception.values.stacktrace.frames.filename exception.values.stacktrace.frames.abs_path
    exception.values.stacktrace.frames.function exception.values.stacktrace.frames.module
    exception.values.stacktrace.frames.lineno exception.values.stacktrace.frames.colno
    exception.values.stacktrace.frames.context_line exception.values.stacktrace.frames.pre_context
    exception.values.stacktrace.frames.post_context exception.values.stacktrace.frames.in_app
    breadcrumbs.type breadcrumbs.category breadcrumbs.level breadcrumbs.message breadcrumbs.timestamp
    breadcrumbs.values.type breadcrumbs.values.category breadcrumbs.values.level breadcrumbs.values.message
    breadcrumbs.values.timestamp user.id user.email user.username user.name user.ip_address
    request.url request.method request.query_string contexts.os.name contexts.os.version contexts.os.build
    contexts.os.kernel_version contexts.device.id contexts.device.manufacturer contexts.device.model
    contexts.device.name contexts.device.arch contexts.device.boot_time contexts.device.memory_size
    contexts.device.free_memory contexts.device.storage_size contexts.device.processor_count
    contexts.device.processor_frequency contexts.device.cpu_description contexts.device.screen_width_pixels
    contexts.device.screen_height_pixels contexts.device.screen_density contexts.device.connection_type
    contexts.device.device_unique_identifier contexts.gpu.name contexts.culture.locale contexts.culture.timezone
    contexts.app.app_version contexts.app.app_memory contexts.app.app_start_time contexts.app.free_memory
    contexts.app.device_app_hash contexts.runtime.name contexts.runtime.version contexts.runtime.build
    contexts.trace.trace_id contexts.trace.span_id contexts.trace.parent_span_id contexts.trace.op
    contexts.trace.status contexts.trace.origin contexts.trace.description contexts.response.status_code
    contexts.feedback.message contexts.feedback.contact_email contexts.feedback.name contexts.feedback.url
    sdk.name sdk.version sdk.packages.name sdk.packages.version sdk.integrations
    spans.op spans.span_id spans.trace_id spans.parent_span_id spans.description spans.status spans.start_timestamp
    spans.timestamp spans.origin spans.data.url
"""
_OTHERS = """
    sid did seq init started duration status errors abnormal_mechanism attrs.release attrs.environment attrs.ip_address
    attrs.user_agent aggregates.started aggregates.exited aggregates.errored aggregates.abnormal aggregates.unhandled
    aggregates.crashed aggregates.did name email comments version ingest_settings.infer_ip
    ingest_settings.infer_user_agent
    items.name items.span_id items.trace_id items.parent_span_id items.start_timestamp items.end_timestamp items.status
    items.is_segment items.timestamp items.level items.body items.severity_number
    discarded_events.reason discarded_events.category discarded_events.quantity
    header.sent_at header.sdk.name header.sdk.version header.trace.trace_id header.trace.environment
    header.trace.release header.trace.public_key header.trace.sample_rate header.trace.sample_rand
    header.trace.sampled header.trace.transaction header.trace.org_id
    item.attachment item.check_in item.profile item.profile_chunk item.replay_event item.replay_recording item.statsd
    item.trace_metric item_header.content_type item_header.item_count item_header.filename
    item_header.attachment_type item_header.platform
"""
_ATTRIBUTES = """
    sentry.op sentry.origin sentry.release sentry.environment sentry.sdk.name sentry.sdk.version sentry.kind
    sentry.segment.id sentry.segment.name sentry.message.template sentry.severity_number sentry.severity_text
    user.id user.email user.name user.ip_address user_agent.original os.name os.version device.brand device.model
    logger.name code.file.path code.function.name code.line.number thread.id thread.name process.pid
    process.executable.name process.runtime.name process.runtime.version server.address server.port client.address
    http.method http.request.method http.status_code http.response.status_code http.query http.fragment url url.full
    url.path url.query url.scheme url.domain url.port network.peer.address network.peer.port network.local.address
    network.local.port network.protocol.name network.protocol.version network.transport
"""
"""What is told of a span or of a line of a log, by names with dots in them."""


def _named(name: str) -> list[str]:
    key = name.replace(".", "\\.")
    return [
        f"items.attributes.{key}.value",
        f"items.attributes.{key}.type",
        f"spans.data.{key}",
        f"contexts.trace.data.{key}",
    ]


PUBLISHED = frozenset(
    [*_EVENTS.split(), *_OTHERS.split(), *(path for one in _ATTRIBUTES.split() for path in _named(one))]
)
