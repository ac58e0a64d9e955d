"""What others call the purposes: W3C DPV's term, told as a purpose of Google Play, of Apple and as a use of fideslang.

A line of three terms is followed by the DPV purposes that it is told as; every purpose of DPV 2.3 stands once.
``none``: the vocabulary has no such thing, and none is invented. Apple has ``Other`` for that. DPV does not say who
advertises: advertising is Apple's ``DeveloperAdvertising``, never ``ThirdPartyAdvertising``, and fideslang's
``marketing.advertising`` without a party.
"""

from collections.abc import Iterator
from dataclasses import dataclass

TABLE = """
# Google Play               Apple                   fideslang
ACCOUNT_MANAGEMENT          AppFunctionality        essential.service.operations
    AccountManagement ServiceRegistration
APP_FUNCTIONALITY           AppFunctionality        essential.service
    ServiceManagement ServiceProvision RequestedServiceProvision TechnicalServiceProvision DeliveryOfGoods
    SearchFunctionalities SellProducts SellProductsToDataSubject ServiceAccessDetermination CustomerManagement
    CustomerOrderManagement EstablishContractualAgreement FulfilmentOfContractualObligation
APP_FUNCTIONALITY           AppFunctionality        essential.service.payment_processing
    PaymentManagement
APP_FUNCTIONALITY           AppFunctionality        essential.service.operations.support
    CustomerCare CommunicationForCustomerCare CustomerClaimsManagement DisputeManagement
DEVELOPER_COMMUNICATIONS    Other                   essential.service.notifications
    CommunicationManagement

FRAUD_PREVENTION_SECURITY   AppFunctionality        essential.service.security
    EnforceSecurity MisusePreventionAndDetection
FRAUD_PREVENTION_SECURITY   AppFunctionality        essential.service.authentication
    EnforceAccessControl IdentityAuthentication IdentityVerification Verification AgeVerification
FRAUD_PREVENTION_SECURITY   AppFunctionality        essential.fraud_detection
    FraudPreventionAndDetection MaintainFraudDatabase CounterMoneyLaundering
FRAUD_PREVENTION_SECURITY   Other                   essential.legal_obligation
    FulfilmentOfObligation LegalCompliance RightsFulfilment OrganisationComplianceManagement ProtectionOfIPR

# Google counts the mending of crashes as analytics, Apple as what an app needs to work.
ANALYTICS                   AppFunctionality        essential.service.operations.improve
    RepairImpairments
ANALYTICS                   AppFunctionality        analytics.reporting.system.performance
    ServiceMonitoring IncreaseServiceRobustness
ANALYTICS                   Analytics               analytics.reporting
    ServiceUsageAnalytics
ANALYTICS                   Analytics               functional.service.improve
    ServiceOptimisation OptimisationForConsumer OptimisationForController OptimiseUserInterface
    ImproveExistingProductsAndServices ResearchAndDevelopment CommercialResearch

PERSONALIZATION             ProductPersonalization  personalize
    Personalisation ServicePersonalisation PersonalisedBenefits
PERSONALIZATION             ProductPersonalization  personalize.content
    ProvidePersonalisedRecommendations ProvideEventRecommendations ProvideProductRecommendations
PERSONALIZATION             ProductPersonalization  personalize.system
    UserInterfacePersonalisation
ADVERTISING                 DeveloperAdvertising    marketing
    Marketing PublicRelations SocialMediaMarketing
ADVERTISING                 DeveloperAdvertising    marketing.communications
    DirectMarketing
ADVERTISING                 DeveloperAdvertising    marketing.advertising
    Advertising PersonalisedAdvertising TargetedAdvertising PoliticalCampaign
ADVERTISING                 DeveloperAdvertising    employment.recruitment
    RecruitmentAdvertising RecruitmentTargetedAdvertising

none                        Other                   sales
    CustomerRelationshipManagement
none                        Other                   finance
    CustomerSolvencyMonitoring
none                        Other                   operations
    RecordManagement InternalResourceOptimisation ImproveInternalCRMProcesses MemberPartnerManagement
    OrganisationGovernance OrganisationRiskManagement VendorManagement VendorPayment VendorRecordsManagement
    VendorSelectionAssessment
none                        Other                   employment
    HumanResourceManagement PersonnelManagement PersonnelMonitoring PersonnelBehaviourMonitoring PersonnelOffboarding
    PersonnelOnboarding PersonnelPayment PersonnelPerformanceEvaluation PersonnelPerformanceManagement
    PersonnelPerformanceMonitoring PersonnelPerformancePrediction PersonnelPromotionManagement
    PersonnelTerminationManagement PersonnelWorkloadManagement
none                        Other                   employment.recruitment
    PersonnelHiring RecruitmentManagement RecruitmentApplicantBackgroundCheck
    RecruitmentApplicantCriminalBackgroundCheck RecruitmentApplicantInformationAuthentication
    RecruitmentApplicantSelection RecruitmentApplicationAnalysis RecruitmentApplicationManagement
    RecruitmentApplicationScreening RecruitmentInterviewAnalysis RecruitmentInterviewAssessment
    RecruitmentInterviewManagement RecruitmentInterviewScheduling
none                        Other                   third_party_sharing
    SellDataToThirdParties SellInsightsFromData
none                        Other                   none
    CommercialPurpose NonCommercialPurpose NonCommercialResearch AcademicResearch ScientificResearch PublicBenefit
    CombatClimateChange Counterterrorism DataAltruism ImproveHealthcare ImprovePublicServices ImproveTransportMobility
    ProtectionOfNationalSecurity ProtectionOfPublicSecurity ProvideOfficialStatistics PublicPolicyMaking
"""
"""Terms of each vocabulary, without the prefix that all of its terms share."""

SELLING = frozenset(("SellDataToThirdParties", "SellInsightsFromData"))
"""Purposes that hand data to others for money."""


@dataclass(frozen=True, slots=True)
class PurposeTerms:
    """What other vocabularies call a purpose, in their own spelling; None where they have no such thing."""

    play: str | None
    apple: str
    fideslang: str | None

    @property
    def advertises(self) -> bool:
        """Whether the purpose is advertising or marketing."""
        return self.play == "PSL_ADVERTISING"


def _terms() -> Iterator[tuple[str, PurposeTerms]]:
    terms = _UNKNOWN
    for line in TABLE.splitlines():
        if not line or line.startswith("#"):
            continue
        words = line.split()
        if line.startswith(" "):
            yield from ((purpose, terms) for purpose in words)
        else:
            play, apple, use = (None if word == "none" else word for word in words)
            terms = PurposeTerms(play and f"PSL_{play}", f"NSPrivacyCollectedDataTypePurpose{apple}", use)


_UNKNOWN = PurposeTerms(None, "NSPrivacyCollectedDataTypePurposeOther", None)
PURPOSES = dict(_terms())
"""Every purpose of DPV 2.3, by its name there."""


def purpose_terms(dpv: str) -> PurposeTerms:
    """What others call a purpose. A term that DPV does not have is told as nothing, to Apple as ``Other``."""
    return PURPOSES.get(dpv, _UNKNOWN)
