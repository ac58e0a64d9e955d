"""The purposes of W3C DPV 2.3 (https://w3id.org/dpv#), by name: those that bind, and those that are too wide to."""

DPV_TOP = frozenset(
    """
    AccountManagement CommercialPurpose CommunicationManagement CustomerManagement EnforceSecurity
    EstablishContractualAgreement FulfilmentOfObligation HumanResourceManagement Marketing NonCommercialPurpose
    OrganisationGovernance Personalisation PublicBenefit Purpose RecordManagement ResearchAndDevelopment
    ServiceManagement ServiceProvision VendorManagement
    """.split()
)
"""What stands directly below ``Purpose``, and the provision of services as such: too wide to bind anybody."""

DPV_PURPOSES = frozenset(
    """
    AcademicResearch Advertising AgeVerification CombatClimateChange CommercialResearch
    CommunicationForCustomerCare CounterMoneyLaundering Counterterrorism CustomerCare CustomerClaimsManagement
    CustomerOrderManagement CustomerRelationshipManagement CustomerSolvencyMonitoring DataAltruism
    DeliveryOfGoods DirectMarketing DisputeManagement EnforceAccessControl FraudPreventionAndDetection
    FulfilmentOfContractualObligation IdentityAuthentication IdentityVerification
    ImproveExistingProductsAndServices ImproveHealthcare ImproveInternalCRMProcesses ImprovePublicServices
    ImproveTransportMobility IncreaseServiceRobustness InternalResourceOptimisation LegalCompliance
    MaintainFraudDatabase MemberPartnerManagement MisusePreventionAndDetection NonCommercialResearch
    OptimisationForConsumer OptimisationForController OptimiseUserInterface OrganisationComplianceManagement
    OrganisationRiskManagement PaymentManagement PersonalisedAdvertising PersonalisedBenefits
    PersonnelBehaviourMonitoring PersonnelHiring PersonnelManagement PersonnelMonitoring PersonnelOffboarding
    PersonnelOnboarding PersonnelPayment PersonnelPerformanceEvaluation PersonnelPerformanceManagement
    PersonnelPerformanceMonitoring PersonnelPerformancePrediction PersonnelPromotionManagement
    PersonnelTerminationManagement PersonnelWorkloadManagement PoliticalCampaign ProtectionOfIPR
    ProtectionOfNationalSecurity ProtectionOfPublicSecurity ProvideEventRecommendations
    ProvideOfficialStatistics ProvidePersonalisedRecommendations ProvideProductRecommendations
    PublicPolicyMaking PublicRelations RecruitmentAdvertising RecruitmentApplicantBackgroundCheck
    RecruitmentApplicantCriminalBackgroundCheck RecruitmentApplicantInformationAuthentication
    RecruitmentApplicantSelection RecruitmentApplicationAnalysis RecruitmentApplicationManagement
    RecruitmentApplicationScreening RecruitmentInterviewAnalysis RecruitmentInterviewAssessment
    RecruitmentInterviewManagement RecruitmentInterviewScheduling RecruitmentManagement
    RecruitmentTargetedAdvertising RepairImpairments RequestedServiceProvision RightsFulfilment
    ScientificResearch SearchFunctionalities SellDataToThirdParties SellInsightsFromData SellProducts
    SellProductsToDataSubject ServiceAccessDetermination ServiceMonitoring ServiceOptimisation
    ServicePersonalisation ServiceRegistration ServiceUsageAnalytics SocialMediaMarketing TargetedAdvertising
    TechnicalServiceProvision UserInterfacePersonalisation VendorPayment VendorRecordsManagement
    VendorSelectionAssessment Verification
    """.split()
)
"""All others, which are narrower."""
