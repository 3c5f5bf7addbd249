//! Which rules may apply to what happened: the trigger rules of the catalogue by the answers that somebody gives.
//! The app advises; a named person decides (DESIGN 6). A rule whose missing fact is named may apply.

mod catalogue;
#[cfg(test)]
mod tests;

pub use catalogue::{Certainty, Rule, RuleId, rule};

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What came to the person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Harm {
    #[default]
    None,
    Distress,
    Illness,
    MinorInjury,
    Injury,
    SeriousInjury,
    Psychological,
    Death,
}

impl Harm {
    pub const ALL: [Harm; 8] = [
        Harm::None,
        Harm::Distress,
        Harm::Illness,
        Harm::MinorInjury,
        Harm::Injury,
        Harm::SeriousInjury,
        Harm::Psychological,
        Harm::Death,
    ];

    /// The answer as a person reads it.
    pub fn label(self) -> &'static str {
        match self {
            Harm::None => "No harm",
            Harm::Distress => "Upset or distress",
            Harm::Illness => "Illness",
            Harm::MinorInjury => "A minor injury",
            Harm::Injury => "An injury",
            Harm::SeriousInjury => "A serious injury",
            Harm::Psychological => "Lasting psychological harm",
            Harm::Death => "Death",
        }
    }

    /// Grave enough that a health care professional's opinion decides (2009 reg. 18(2)(a), (b); 2014 reg. 20(9)).
    pub fn asks_an_opinion(self) -> bool {
        matches!(
            self,
            Harm::Injury | Harm::SeriousInjury | Harm::Psychological | Harm::Death
        )
    }
}

/// Whether abuse or neglect is in question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Abuse {
    #[default]
    None,
    Possible,
    Suspected,
    Alleged,
}

impl Abuse {
    pub const ALL: [Abuse; 4] = [
        Abuse::None,
        Abuse::Possible,
        Abuse::Suspected,
        Abuse::Alleged,
    ];

    /// The answer as a person reads it.
    pub fn label(self) -> &'static str {
        match self {
            Abuse::None => "No sign of it",
            Abuse::Possible => "It must be looked at",
            Abuse::Suspected => "Somebody suspects it",
            Abuse::Alleged => "Somebody says so",
        }
    }
}

/// Where a health care professional's opinion stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opinion {
    #[default]
    NotNeeded,
    Pending,
    /// A threshold is met.
    Yes,
    /// None is met.
    No,
}

impl Opinion {
    pub const ALL: [Opinion; 4] = [
        Opinion::NotNeeded,
        Opinion::Pending,
        Opinion::Yes,
        Opinion::No,
    ];

    /// The answer as a person reads it.
    pub fn label(self) -> &'static str {
        match self {
            Opinion::NotNeeded => "None is needed",
            Opinion::Pending => "Asked, no answer yet",
            Opinion::Yes => "They say it is that serious",
            Opinion::No => "They say it is not that serious",
        }
    }
}

/// A test of its own, on which an opinion is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Threshold {
    /// 2009 reg. 18(2)(a).
    #[serde(rename = "18a")]
    Lasting,
    /// 2009 reg. 18(2)(b).
    #[serde(rename = "18b")]
    TreatmentPreventing,
    /// 2014 reg. 20(9)(a).
    #[serde(rename = "20a")]
    CandourLasting,
    /// 2014 reg. 20(9)(b).
    #[serde(rename = "20b")]
    CandourTreatment,
}

impl Threshold {
    pub const ALL: [Threshold; 4] = [
        Threshold::Lasting,
        Threshold::TreatmentPreventing,
        Threshold::CandourLasting,
        Threshold::CandourTreatment,
    ];

    /// What the professional says, as a person reads it.
    pub fn label(self) -> &'static str {
        match self {
            Threshold::Lasting => "CQC: lasting loss, changed body, prolonged pain or shorter life",
            Threshold::TreatmentPreventing => "CQC: treatment was needed to prevent that or death",
            Threshold::CandourLasting => "Candour: death or harm of 28 days or more",
            Threshold::CandourTreatment => "Candour: treatment was needed to prevent that",
        }
    }
}

/// Whether the person, or who lawfully acts for them, has been told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    Told,
    #[default]
    NotYet,
    Unreachable,
    Declined,
}

impl Told {
    pub const ALL: [Told; 4] = [Told::Told, Told::NotYet, Told::Unreachable, Told::Declined];

    /// The answer as a person reads it.
    pub fn label(self) -> &'static str {
        match self {
            Told::Told => "Yes",
            Told::NotYet => "Not yet",
            Told::Unreachable => "They could not be reached",
            Told::Declined => "They did not want to hear it",
        }
    }
}

/// Something else that is so, on which rules turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// What happened did not come of it.
    NotLinked,
    /// A death while the service was being provided.
    DuringCare,
    Hospital,
    Accident,
    /// A medicine was late, missed, double or wrong.
    MedicineWrong,
    ControlledDrug,
    Police,
    Complaint,
    DataBreach,
    DataRisk,
    DataRiskHigh,
    DataRiskUnknown,
    Encrypted,
    /// The failure is the supplier's, as processor.
    Processor,
    SoftwareFault,
    SoftwareFaultUnknown,
    /// The software is a medical device.
    MedicalDevice,
    DolsOutcome,
    ServiceUnsafe,
    StaffShort,
    /// A utility was out for more than 24 continuous hours at the provider's premises.
    UtilityOut,
    PremisesDamaged,
    /// Alarms or calls were out for more than 24 continuous hours.
    AlarmOut,
    /// The records were out of reach for a day or more.
    LongOutage,
    WorkerSpecifiedInjury,
    WorkerOverSevenDays,
    ManagerAway,
    ManagerLeft,
    CommunicationNeeds,
    /// A council or the NHS pays for the care.
    Commissioned,
}

impl Fact {
    /// What the manager is asked about a mismatch; the rest is known, or does not come of one.
    pub const ASKED: [Fact; 12] = [
        Fact::Hospital,
        Fact::Accident,
        Fact::MedicineWrong,
        Fact::ControlledDrug,
        Fact::Police,
        Fact::Complaint,
        Fact::DuringCare,
        Fact::NotLinked,
        Fact::DolsOutcome,
        Fact::DataBreach,
        Fact::DataRisk,
        Fact::DataRiskHigh,
    ];

    /// The fact as a person reads it.
    pub fn label(self) -> &'static str {
        match self {
            Fact::NotLinked => "It did not come of the mismatch",
            Fact::DuringCare => "A death while we gave care",
            Fact::Hospital => "Taken to hospital for treatment",
            Fact::Accident => "The way of care, equipment or building played a part",
            Fact::MedicineWrong => "A medicine was late, missed, double or wrong",
            Fact::ControlledDrug => "A controlled drug",
            Fact::Police => "The police know or came",
            Fact::Complaint => "Somebody has complained",
            Fact::DataBreach => "Personal data was lost, wrong or out of reach",
            Fact::DataRisk => "That data is likely to put people at risk",
            Fact::DataRiskHigh => "That risk is high",
            Fact::DataRiskUnknown => "Nobody knows yet how great that risk is",
            Fact::Encrypted => "The data was encrypted",
            Fact::Processor => "It came from the supplier",
            Fact::SoftwareFault => "A fault of the record system",
            Fact::SoftwareFaultUnknown => "Perhaps a fault of the record system",
            Fact::MedicalDevice => "The software is a medical device",
            Fact::DolsOutcome => "A decision about depriving them of liberty came or was withdrawn",
            Fact::ServiceUnsafe => "The service cannot run safely, or may not",
            Fact::StaffShort => "Too few staff",
            Fact::UtilityOut => "Power, gas, water or sewerage out for over 24 hours",
            Fact::PremisesDamaged => "Damage to the building that affects care",
            Fact::AlarmOut => "Alarms or calls out for over 24 hours",
            Fact::LongOutage => "Records out of reach for a day or more",
            Fact::WorkerSpecifiedInjury => "A worker broke a bone or was gravely hurt",
            Fact::WorkerOverSevenDays => "A worker is off for over seven days",
            Fact::ManagerAway => "The manager is away for 28 days or more",
            Fact::ManagerLeft => "The manager has left",
            Fact::CommunicationNeeds => "They need information in their own way",
            Fact::Commissioned => "A council or the NHS pays for the care",
        }
    }
}

/// What is known of what happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub harm: Harm,
    pub missed_care: bool,
    pub abuse: Abuse,
    pub opinion: Opinion,
    /// What the opinion is about; all four where none is named.
    pub thresholds: BTreeSet<Threshold>,
    pub told: Told,
    pub also: BTreeSet<Fact>,
}

/// A rule that applies, or may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    pub rule: RuleId,
    /// False where it may apply and something is not known yet.
    pub sure: bool,
}

/// How a rule stands to the facts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Applies {
    No,
    Perhaps,
    Yes,
}

use Applies::{No, Perhaps, Yes};

fn when(holds: bool) -> Applies {
    if holds { Yes } else { No }
}

impl Facts {
    fn is(&self, fact: Fact) -> bool {
        self.also.contains(&fact)
    }

    /// Harm that came of it, or may have. A death that is ticked is harm, whatever was answered.
    fn harmed(&self) -> bool {
        (self.harm != Harm::None || self.is(Fact::DuringCare)) && !self.is(Fact::NotLinked)
    }

    /// A death that came of it. One that is ticked and not answered as the harm may have.
    fn died_of_it(&self) -> Applies {
        if !self.harmed() {
            return No;
        }
        match self.harm {
            Harm::Death => Yes,
            _ if self.is(Fact::DuringCare) => Perhaps,
            _ => No,
        }
    }

    /// Taken to hospital from a work-related accident (RIDDOR reg. 5). What the injury is may be missing.
    fn hospital_after_accident(&self) -> Applies {
        let taken = self.is(Fact::Accident) && self.is(Fact::Hospital);
        if !taken || self.is(Fact::NotLinked) || self.harm == Harm::Death {
            return No;
        }
        if self.harm == Harm::None {
            Perhaps
        } else {
            Yes
        }
    }

    /// A breach of personal data; what it puts at risk says that there was one.
    fn breached(&self) -> bool {
        [Fact::DataBreach, Fact::DataRisk, Fact::DataRiskHigh]
            .into_iter()
            .any(|it| self.is(it))
    }

    /// How an opinion stands on a threshold.
    fn opinion_on(&self, thresholds: &[Threshold]) -> Applies {
        if !self.harmed() || !(self.harm.asks_an_opinion() || self.is(Fact::DuringCare)) {
            return No;
        }
        let about =
            self.thresholds.is_empty() || thresholds.iter().any(|it| self.thresholds.contains(it));
        match self.opinion {
            _ if !about => No,
            Opinion::Yes => Yes,
            Opinion::No => No,
            Opinion::Pending | Opinion::NotNeeded => Perhaps,
        }
    }

    fn injury(&self, threshold: Threshold) -> Applies {
        // An injury is no death.
        if self.harm == Harm::Death || !self.harm.asks_an_opinion() {
            return No;
        }
        self.opinion_on(&[threshold])
    }

    fn neglect(&self) -> Applies {
        match self.abuse {
            Abuse::None => No,
            Abuse::Possible => Perhaps,
            Abuse::Suspected | Abuse::Alleged => Yes,
        }
    }

    fn candour(&self) -> Applies {
        self.opinion_on(&[Threshold::CandourLasting, Threshold::CandourTreatment])
    }

    fn breach_reported(&self) -> Applies {
        if !self.breached() {
            return No;
        }
        if self.is(Fact::DataRisk) || self.is(Fact::DataRiskHigh) {
            return Yes;
        }
        if self.is(Fact::DataRiskUnknown) {
            Perhaps
        } else {
            No
        }
    }

    /// What contracts are expected to ask to hear of (RULES 8).
    fn contract(&self) -> Applies {
        use RuleId as R;
        let heard_of = [
            R::CqcReg16a,
            R::CqcReg16b,
            R::CqcReg18a,
            R::CqcReg18b,
            R::CqcReg18e,
            R::CqcReg18f,
            R::CqcReg18g,
            R::CqcReg18gi,
            R::CqcReg18gii,
            R::CqcReg18giii,
            R::CqcReg18giv,
            R::Gdpr331,
        ];
        let expected = self.missed_care
            || self.is(Fact::LongOutage)
            || heard_of.into_iter().any(|rule| self.applies(rule) != No);
        if expected && self.is(Fact::Commissioned) {
            Perhaps
        } else {
            No
        }
    }

    fn applies(&self, rule: RuleId) -> Applies {
        use RuleId as R;
        let open = self.harmed() || self.missed_care || self.is(Fact::MedicineWrong);
        match rule {
            R::CqcReg16a => when(self.is(Fact::DuringCare)),
            R::CqcReg16b | R::CoronerDeath => self.died_of_it(),
            R::CqcReg18a => self.injury(Threshold::Lasting),
            R::CqcReg18b => self.injury(Threshold::TreatmentPreventing),
            R::CqcReg18e | R::CareActS42 => self.neglect(),
            R::CqcReg18f => when(self.is(Fact::Police)),
            R::CqcReg18g => when(self.is(Fact::ServiceUnsafe)),
            R::CqcReg18gi => when(self.is(Fact::StaffShort)),
            R::CqcReg18gii => when(self.is(Fact::UtilityOut)),
            R::CqcReg18giii => when(self.is(Fact::PremisesDamaged)),
            R::CqcReg18giv => when(self.is(Fact::AlarmOut)),
            R::CqcReg18Dols => when(self.is(Fact::DolsOutcome)),
            R::CqcReg14 => when(self.is(Fact::ManagerAway)),
            R::CqcReg15 => when(self.is(Fact::ManagerLeft)),
            R::Candour201 => when(open && self.candour() != Yes),
            R::Candour202 => self.candour(),
            R::Candour205 => when(
                self.candour() != No && matches!(self.told, Told::Unreachable | Told::Declined),
            ),
            R::Complaint => when(self.is(Fact::Complaint)),
            R::Gdpr331 | R::DsptIncident => match (rule, self.breach_reported()) {
                // The Toolkit is where it is reported, once that is sure.
                (R::DsptIncident, Perhaps) => No,
                (_, applies) => applies,
            },
            R::Gdpr332 => when(self.breached() && self.is(Fact::Processor)),
            R::Gdpr335 => when(self.breached()),
            R::Gdpr341 => when(self.is(Fact::DataRiskHigh) && !self.is(Fact::Encrypted)),
            R::Riddor41 => when(self.is(Fact::WorkerSpecifiedInjury)),
            R::Riddor42 => when(self.is(Fact::WorkerOverSevenDays)),
            R::Riddor5 => self.hospital_after_accident(),
            R::Riddor6 if self.is(Fact::Accident) => self.died_of_it(),
            R::Riddor6 => No,
            R::ControlledDrug => when(self.is(Fact::ControlledDrug)),
            R::YellowCard => when(self.is(Fact::MedicalDevice) && self.is(Fact::SoftwareFault)),
            R::SupplierHazard if self.is(Fact::SoftwareFault) => Yes,
            R::SupplierHazard if self.is(Fact::SoftwareFaultUnknown) => Perhaps,
            R::SupplierHazard => No,
            R::MedicineProblem => when(self.is(Fact::MedicineWrong)),
            R::AccessibleInformation => when(self.is(Fact::CommunicationNeeds) && open),
            R::ContractNotice => self.contract(),
        }
    }
}

/// The rules that apply or may, in the catalogue's order.
pub fn may_apply(facts: &Facts) -> Vec<Listed> {
    let mut listed = Vec::new();
    for rule in RuleId::ALL {
        match facts.applies(rule) {
            No => {}
            applies => listed.push(Listed {
                rule,
                sure: applies == Yes,
            }),
        }
    }
    listed
}
