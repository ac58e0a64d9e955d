"""What others call the items: terms of fideslang, W3C DPV, Google Play's Data safety and Apple's privacy manifest.

A line of four terms is followed by the items that it is true of. ``none``: the vocabulary has no such thing. Where
none is exact, the nearest wider term stands; DPV's ``AccountIdentifier`` is a bank account's, so ours is a ``UID``.
Whether Google and Apple must be told of an item depends on whether an app sends it: what a partner's server tells
about a verification is of no type of theirs, and an IP address is of the type that one makes of it.
"""

TABLE = """
# fideslang                      DPV, personal data           Google Play                     Apple
user.name                        Name                         NAME                            Name
    name
user.contact.email               EmailAddress                 EMAIL                           EmailAddress
    email
user.contact.phone_number        TelephoneNumber              PHONE                           PhoneNumber
    phone
user.contact.address             PhysicalAddress              ADDRESS                         PhysicalAddress
    shipping_address
user.unique_id                   UID                          USER_ACCOUNT                    UserID
    account.id social.account_id
user.account.username            Username                     NAME                            UserID
    social.nickname
user.content.self_image          Picture                      PHOTOS                          PhotosorVideos
    social.avatar

user.device.device_id            UID                          DEVICE_ID                       DeviceID
    device.imei device.oaid device.gaid device.imsi device.serial device.android_id device.space_id
    device.installation
user.device.device_id            MACAddress                   DEVICE_ID                       DeviceID
    device.mac
user.device.cookie_id            Identifier                   DEVICE_ID                       DeviceID
    net.cookie
user.unique_id.pseudonymous      UID                          DEVICE_ID                       DeviceID
    net.client_id partner.advertising_id
user.device.ip_address           IPAddress                    none                            none
    net.ip

user.device                      DeviceOperatingSystem        OTHER_PERFORMANCE               OtherDiagnosticData
    os.name os.version os.rom os.android
user.device                      DeviceBased                  OTHER_PERFORMANCE               OtherDiagnosticData
    screen.width screen.height screen.density input.means device.manufacturer device.model
    hardware.processor hardware.cores hardware.memory hardware.storage hardware.graphics timezone
user.device                      DeviceSoftware               OTHER_PERFORMANCE               OtherDiagnosticData
    app.version input.method
user.device                      UserAgent                    OTHER_PERFORMANCE               OtherDiagnosticData
    net.user_agent
user.device                      Language                     OTHER_PERFORMANCE               OtherDiagnosticData
    locale
user.device                      Country                      OTHER_PERFORMANCE               OtherDiagnosticData
    country
user.device                      DeviceBased                  OTHER_PERSONAL                  OtherDataTypes
    device.name
user.device                      DeviceBased                  OTHER_APP_ACTIVITY              OtherUsageData
    device.activated
user.device                      CommunicationsMetadata       OTHER_PERFORMANCE               OtherDiagnosticData
    network.operator
user.device                      CommunicationsMetadata       PERFORMANCE_DIAGNOSTICS         PerformanceData
    network.connection

user.behavior                    ServiceConsumptionBehaviour  USER_INTERACTION                ProductInteraction
    usage.starts usage.duration event.name screen.name account.active
user.behavior                    AuthenticationHistory        USER_INTERACTION                ProductInteraction
    account.accessed
user.account                     AuthenticationHistory        USER_INTERACTION                ProductInteraction
    account.registered
user.behavior.browsing_history   BrowsingBehaviour            USER_INTERACTION                ProductInteraction
    page.url
user.behavior.browsing_history   BrowsingReferral             WEB_BROWSING_HISTORY            BrowsingHistory
    page.referrer
user.behavior                    BrowsingReferral             OTHER_APP_ACTIVITY              AdvertisingData
    campaign.name campaign.source campaign.medium campaign.term campaign.content
user.behavior                    LinkClicked                  USER_INTERACTION                AdvertisingData
    ad.click_id ad.clicked
user.behavior                    Behavioural                  OTHER_APP_ACTIVITY              AdvertisingData
    ad.conversion
user.content.private             Communication                OTHER_MESSAGES                  EmailsOrTextMessages
    message.text
user.content.private             CommunicationsMetadata       OTHER_MESSAGES                  EmailsOrTextMessages
    message.sent message.channel

user.telemetry                   CommunicationsMetadata       PERFORMANCE_DIAGNOSTICS         PerformanceData
    request.url request.host
system.operations                CommunicationsMetadata       PERFORMANCE_DIAGNOSTICS         PerformanceData
    request.method request.status
user.telemetry                   DeviceSoftware               PERFORMANCE_DIAGNOSTICS         OtherDiagnosticData
    log.line log.component
system.operations                DeviceSoftware               PERFORMANCE_DIAGNOSTICS         OtherDiagnosticData
    log.level
user.telemetry                   DeviceSoftware               CRASH_LOGS                      CrashData
    crash.type crash.module crash.function crash.line crash.stack crash.message
system.operations                DeviceSoftware               CRASH_LOGS                      CrashData
    crash.handled crash.in_app

user.account                     Authenticating               none                            none
    verification.result verification.method verification.time
user.financial.bank_account      FinancialAccountNumber       CREDIT_DEBIT_BANK_ACCOUNT_NUMBER  PaymentInfo
    verification.account
user.financial                   Transaction                  PURCHASE_HISTORY                OtherFinancialInfo
    verification.reference

system.operations                none                         USER_INTERACTION                ProductInteraction
    app.active_day page.visits page.duration session.status session.duration
system.operations                none                         PERFORMANCE_DIAGNOSTICS         PerformanceData
    request.duration request.count request.errors
system.operations                none                         CRASH_LOGS                      CrashData
    app.crashes
system.operations                none                         none                            none
    received app.name
"""
"""Terms of each vocabulary, without the prefix that all of its terms share."""
