//! The catalogue of trigger rules as data: paragraph, test in plain words, whom to tell, time, and how sure we are.
//! Checked on 24 November 2026 against stored copies of public pages; what was only recalled says so on screen.
//! It advises and is not legal advice. Standing duties and rules that never come of a record failure are not listed.

use serde::{Deserialize, Serialize};

/// How sure we are of a rule's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// The paragraph, or the official page that states it, was read.
    Verified,
    /// Some of it was read.
    Part,
    /// From memory.
    Recalled,
}

impl Certainty {
    /// What to say beside the rule.
    pub fn words(self) -> &'static str {
        match self {
            Certainty::Verified => "We read the paragraph or its official page",
            Certainty::Part => "We read part of it: check the current text",
            Certainty::Recalled => "From memory: check the current text",
        }
    }
}

/// One rule as people read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    pub id: RuleId,
    pub name: &'static str,
    pub paragraph: &'static str,
    pub test: &'static str,
    pub tell: &'static str,
    pub time: &'static str,
    pub certainty: Certainty,
}

/// A rule, by its stable id in entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RuleId {
    #[serde(rename = "cqc-reg16-1-a")]
    CqcReg16a,
    #[serde(rename = "cqc-reg16-1-b")]
    CqcReg16b,
    #[serde(rename = "cqc-reg18-2-a")]
    CqcReg18a,
    #[serde(rename = "cqc-reg18-2-b")]
    CqcReg18b,
    #[serde(rename = "cqc-reg18-2-e")]
    CqcReg18e,
    #[serde(rename = "cqc-reg18-2-f")]
    CqcReg18f,
    #[serde(rename = "cqc-reg18-2-g")]
    CqcReg18g,
    #[serde(rename = "cqc-reg18-2-g-i")]
    CqcReg18gi,
    #[serde(rename = "cqc-reg18-2-g-ii")]
    CqcReg18gii,
    #[serde(rename = "cqc-reg18-2-g-iii")]
    CqcReg18giii,
    #[serde(rename = "cqc-reg18-2-g-iv")]
    CqcReg18giv,
    #[serde(rename = "cqc-reg18-dols")]
    CqcReg18Dols,
    #[serde(rename = "cqc-reg14")]
    CqcReg14,
    #[serde(rename = "cqc-reg15")]
    CqcReg15,
    #[serde(rename = "doc-20-1")]
    Candour201,
    #[serde(rename = "doc-20-2")]
    Candour202,
    #[serde(rename = "doc-20-5")]
    Candour205,
    #[serde(rename = "ca-s42")]
    CareActS42,
    #[serde(rename = "coroner-death")]
    CoronerDeath,
    #[serde(rename = "hsca-reg16-complaint")]
    Complaint,
    #[serde(rename = "gdpr-33-1")]
    Gdpr331,
    #[serde(rename = "gdpr-33-2")]
    Gdpr332,
    #[serde(rename = "gdpr-33-5")]
    Gdpr335,
    #[serde(rename = "gdpr-34-1")]
    Gdpr341,
    #[serde(rename = "dspt-incident")]
    DsptIncident,
    #[serde(rename = "riddor-reg4-1")]
    Riddor41,
    #[serde(rename = "riddor-reg4-2")]
    Riddor42,
    #[serde(rename = "riddor-reg5")]
    Riddor5,
    #[serde(rename = "riddor-reg6")]
    Riddor6,
    #[serde(rename = "cd-report")]
    ControlledDrug,
    #[serde(rename = "mhra-yellowcard-device")]
    YellowCard,
    #[serde(rename = "dcb-supplier-hazard")]
    SupplierHazard,
    #[serde(rename = "nice-med-problem")]
    MedicineProblem,
    #[serde(rename = "ais-format")]
    AccessibleInformation,
    #[serde(rename = "contract-notice")]
    ContractNotice,
}

impl RuleId {
    /// Every rule, in the order in which they are listed.
    pub const ALL: [RuleId; 35] = [
        RuleId::CqcReg16a,
        RuleId::CqcReg16b,
        RuleId::CqcReg18a,
        RuleId::CqcReg18b,
        RuleId::CqcReg18e,
        RuleId::CqcReg18f,
        RuleId::CqcReg18g,
        RuleId::CqcReg18gi,
        RuleId::CqcReg18gii,
        RuleId::CqcReg18giii,
        RuleId::CqcReg18giv,
        RuleId::CqcReg18Dols,
        RuleId::CqcReg14,
        RuleId::CqcReg15,
        RuleId::Candour201,
        RuleId::Candour202,
        RuleId::Candour205,
        RuleId::CareActS42,
        RuleId::CoronerDeath,
        RuleId::Complaint,
        RuleId::Gdpr331,
        RuleId::Gdpr332,
        RuleId::Gdpr335,
        RuleId::Gdpr341,
        RuleId::DsptIncident,
        RuleId::Riddor41,
        RuleId::Riddor42,
        RuleId::Riddor5,
        RuleId::Riddor6,
        RuleId::ControlledDrug,
        RuleId::YellowCard,
        RuleId::SupplierHazard,
        RuleId::MedicineProblem,
        RuleId::AccessibleInformation,
        RuleId::ContractNotice,
    ];
}

/// The rule with this id.
pub fn rule(id: RuleId) -> Rule {
    RULES[id as usize]
}

const fn law(
    id: RuleId,
    certainty: Certainty,
    [name, paragraph, test, tell, time]: [&'static str; 5],
) -> Rule {
    Rule {
        id,
        name,
        paragraph,
        test,
        tell,
        time,
        certainty,
    }
}

/// In the order of [`RuleId`].
#[rustfmt::skip]
const RULES: [Rule; 35] = [
    law(RuleId::CqcReg16a, Certainty::Verified, [
        "A death during care",
        "2009 reg. 16(1)(a)",
        "A person died while the service was being provided. Expected deaths count too.",
        "CQC",
        "Without delay; the law names no hours",
    ]),
    law(RuleId::CqcReg16b, Certainty::Verified, [
        "A death that may come of care",
        "2009 reg. 16(1)(b)",
        "A death that resulted from the service, or may have. Do not wait for the cause.",
        "CQC",
        "Without delay; the law names no hours",
    ]),
    law(RuleId::CqcReg18a, Certainty::Verified, [
        "Serious injury",
        "2009 reg. 18(2)(a)",
        "A health care professional says: lasting loss of function, a changed body, prolonged pain or psychological harm, or a shorter life.",
        "CQC",
        "Without delay; the law names no hours",
    ]),
    law(RuleId::CqcReg18b, Certainty::Verified, [
        "Injury that needed treatment",
        "2009 reg. 18(2)(b)",
        "A health care professional says: treatment was needed to prevent death, or an injury of that kind.",
        "CQC",
        "Without delay; the law names no hours",
    ]),
    law(RuleId::CqcReg18e, Certainty::Verified, [
        "Abuse or an allegation of it",
        "2009 reg. 18(2)(e)",
        "Any abuse or allegation, whoever did it, believed or not. Neglect counts. A missed visit alone does not.",
        "CQC, and the council",
        "Without delay; the law names no hours",
    ]),
    law(RuleId::CqcReg18f, Certainty::Verified, [
        "The police",
        "2009 reg. 18(2)(f)",
        "The police were told of it, or look into it. CQC may want its form for death, injury or abuse instead.",
        "CQC",
        "Without delay; the law names no hours",
    ]),
    law(RuleId::CqcReg18g, Certainty::Part, [
        "The service cannot run safely",
        "2009 reg. 18(2)(g)",
        "Something stops the service running safely, or is likely to. An outage alone is on no list.",
        "CQC",
        "Without delay, already when it appears likely",
    ]),
    law(RuleId::CqcReg18gi, Certainty::Part, [
        "Too few staff",
        "2009 reg. 18(2)(g)(i)",
        "Too few suitable staff, and not just a short gap safely covered.",
        "CQC",
        "Without delay; the law names no hours",
    ]),
    law(RuleId::CqcReg18gii, Certainty::Verified, [
        "Power, gas, water or sewerage",
        "2009 reg. 18(2)(g)(ii)",
        "Out for more than 24 hours without a break, at the provider’s own premises.",
        "CQC",
        "Without delay once past 24 hours",
    ]),
    law(RuleId::CqcReg18giii, Certainty::Part, [
        "Damage to the building",
        "2009 reg. 18(2)(g)(iii)",
        "Damage that affects people’s care, or is likely to.",
        "CQC",
        "Without delay; the law names no hours",
    ]),
    law(RuleId::CqcReg18giv, Certainty::Part, [
        "Alarms or calls",
        "2009 reg. 18(2)(g)(iv)",
        "Out for more than 24 hours without a break. Call systems count.",
        "CQC",
        "Without delay once past 24 hours",
    ]),
    law(RuleId::CqcReg18Dols, Certainty::Verified, [
        "A decision about liberty",
        "2009 reg. 18(4A)-(4B)",
        "The outcome of a request to deprive a person of liberty is known, or it was withdrawn.",
        "CQC",
        "Once the outcome is known",
    ]),
    law(RuleId::CqcReg14, Certainty::Verified, [
        "The manager is away",
        "2009 reg. 14",
        "Away for 28 days or more without a break.",
        "CQC",
        "Planned: 28 days before. Else within 5 working days",
    ]),
    law(RuleId::CqcReg15, Certainty::Part, [
        "Somebody else manages",
        "2009 reg. 15",
        "A registered person stops, or somebody else manages.",
        "CQC",
        "As soon as reasonably practicable",
    ]),
    law(RuleId::Candour201, Certainty::Verified, [
        "Be open",
        "2014 reg. 20(1)",
        "Always: tell the person about harm, missed or delayed care, or confusion. There is no threshold.",
        "The person, or who lawfully acts",
        "Promptly; the law names no days",
    ]),
    law(RuleId::Candour202, Certainty::Part, [
        "Duty of candour",
        "2014 reg. 20(2)-(4)",
        "Unintended, during care, and a professional says: death, harm of 28 days or more, or treatment to prevent it.",
        "The person, or who lawfully acts: in person, then in writing",
        "As soon as reasonably practicable",
    ]),
    law(RuleId::Candour205, Certainty::Recalled, [
        "They cannot be reached, or decline",
        "2014 reg. 20(5)",
        "Write down every try. Nobody else is told in their place.",
        "Nobody",
        "The letter waits until they come back",
    ]),
    law(RuleId::CareActS42, Certainty::Verified, [
        "Safeguarding",
        "Care Act 2014 s. 42",
        "An adult with care needs, at risk of abuse or neglect, who cannot protect themselves. The council decides.",
        "The council’s safeguarding team",
        "The same day in practice",
    ]),
    law(RuleId::CoronerDeath, Certainty::Recalled, [
        "The coroner",
        "Coroners and Justice Act 2009",
        "A death of unknown, violent, unnatural or care-related cause. A doctor or the police report it.",
        "GP, hospital doctor or police",
        "At once",
    ]),
    law(RuleId::Complaint, Certainty::Recalled, [
        "A complaint",
        "2014 reg. 16",
        "Acknowledge, look into it, act and answer.",
        "Who complained",
        "By the provider’s procedure",
    ]),
    law(RuleId::Gdpr331, Certainty::Verified, [
        "A data breach to report",
        "UK GDPR art. 33(1)",
        "A breach of personal data, unless risk to people is unlikely.",
        "ICO",
        "Within 72 clock hours of becoming aware",
    ]),
    law(RuleId::Gdpr332, Certainty::Verified, [
        "The supplier tells us",
        "UK GDPR art. 33(2)",
        "The supplier tells the provider. Our 72 hours run from our own knowing.",
        "The provider",
        "Without undue delay",
    ]),
    law(RuleId::Gdpr335, Certainty::Verified, [
        "Log the data breach",
        "UK GDPR art. 33(5)",
        "Log every breach: facts, effects, action, and why it is not reported if it is not.",
        "Our own log",
        "At once",
    ]),
    law(RuleId::Gdpr341, Certainty::Verified, [
        "Tell those whose data it is",
        "UK GDPR art. 34",
        "A likely high risk to them.",
        "Each person affected",
        "Without undue delay",
    ]),
    law(RuleId::DsptIncident, Certainty::Verified, [
        "Report through the Toolkit",
        "DSPT, standard 6",
        "A reportable data incident of a provider on the Toolkit.",
        "DSPT",
        "Within the same 72 hours",
    ]),
    law(RuleId::Riddor41, Certainty::Verified, [
        "A worker’s grave injury",
        "RIDDOR 2013 reg. 4(1)",
        "A worker’s fracture or other listed injury from an accident at work.",
        "HSE",
        "At once, the report within 10 days",
    ]),
    law(RuleId::Riddor42, Certainty::Verified, [
        "A worker off for over seven days",
        "RIDDOR 2013 reg. 4(2)",
        "Not able to do normal work for more than seven days.",
        "HSE",
        "Within 15 days",
    ]),
    law(RuleId::Riddor5, Certainty::Part, [
        "Taken to hospital from an accident",
        "RIDDOR 2013 reg. 5",
        "Not a worker, hurt in a work-related accident and taken from there to hospital for treatment.",
        "HSE",
        "At once, the report within 10 days",
    ]),
    law(RuleId::Riddor6, Certainty::Part, [
        "A death from an accident at work",
        "RIDDOR 2013 reg. 6",
        "A death from a work-related accident.",
        "HSE",
        "At once, by telephone",
    ]),
    law(RuleId::ControlledDrug, Certainty::Verified, [
        "A controlled drug",
        "Local policy; CD Regulations 2013",
        "An incident, loss or near miss with a controlled drug.",
        "NHS England’s accountable officer",
        "Promptly, by local policy",
    ]),
    law(RuleId::YellowCard, Certainty::Verified, [
        "Software that is a medical device",
        "Yellow Card scheme",
        "It hurt somebody or nearly did. A plain record system usually is not one.",
        "MHRA, and the maker",
        "As soon as possible",
    ]),
    law(RuleId::SupplierHazard, Certainty::Recalled, [
        "Tell the supplier of the hazard",
        "DCB0129, DCB0160",
        "A fault of the record system could have led to harm: tell its clinical safety officer, and log it.",
        "The supplier",
        "Promptly",
    ]),
    law(RuleId::MedicineProblem, Certainty::Recalled, [
        "A problem with a medicine",
        "NICE SC1, NG67 (practice)",
        "The person first. Ask the prescriber, pharmacist, 111 or 999. Record it, tell them, learn.",
        "The prescriber or urgent service",
        "Before the next dose",
    ]),
    law(RuleId::AccessibleInformation, Certainty::Verified, [
        "In a way they can read",
        "DAPB1605",
        "Tell them in the format that they need.",
        "The person or who acts",
        "With the telling itself",
    ]),
    law(RuleId::ContractNotice, Certainty::Recalled, [
        "The contract may ask for notice",
        "Council or NHS contract",
        "The contract decides. Look it up.",
        "The commissioner",
        "By contract, often 24 hours",
    ]),
];
