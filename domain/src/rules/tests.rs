//! The rules over judged situations (`situations.csv`: 30, in a vocabulary of answers).

use std::collections::BTreeMap;

use super::*;

/// The fields of one line, commas and quotes as CSV has them.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            _ => field.push(letter),
        }
    }
    fields.push(field);
    fields
}

struct Situation {
    id: String,
    pathway: String,
    facts: Facts,
    expected: Vec<String>,
    candour: String,
    ico: String,
}

fn one<T: serde::de::DeserializeOwned>(text: &str) -> T {
    serde_json::from_value(text.into()).unwrap_or_else(|_| panic!("{text:?} is an answer"))
}

fn facts(answers: &str) -> Facts {
    let mut facts = Facts::default();
    let answers: BTreeMap<&str, &str> = answers
        .split(';')
        .filter_map(|it| it.split_once('='))
        .collect();
    for (key, value) in answers {
        let number = || value.parse::<f64>().expect("a number");
        let fact = match (key, value) {
            ("harm", _) => {
                facts.harm = one(value);
                None
            }
            ("missed_care", "yes") => {
                facts.missed_care = true;
                None
            }
            ("abuse", _) => {
                facts.abuse = one(value);
                None
            }
            ("opinion", _) => {
                facts.opinion = one(value);
                None
            }
            ("threshold", _) => {
                facts.thresholds = value.split('+').map(one).collect();
                None
            }
            ("relevant_person", _) => {
                facts.told = one(value);
                None
            }
            ("linked", "no") => Some(Fact::NotLinked),
            ("linked", "yes" | "possible") => None,
            ("death_when", "during_care") => Some(Fact::DuringCare),
            ("treated", "hospital") => Some(Fact::Hospital),
            ("treated", "on_scene") => None,
            ("accident", "yes") => Some(Fact::Accident),
            ("med", "late" | "missed" | "double" | "wrong_medicine" | "wrong_person") => {
                Some(Fact::MedicineWrong)
            }
            ("med", "near_miss" | "stock_discrepancy") => None,
            ("cd", "yes") => Some(Fact::ControlledDrug),
            ("police", "reported" | "attended" | "investigating") => Some(Fact::Police),
            ("complaint", "yes") => Some(Fact::Complaint),
            ("breach", "availability" | "integrity" | "confidentiality") => Some(Fact::DataBreach),
            ("data_risk", "unlikely") => None,
            ("data_risk", "likely") => Some(Fact::DataRisk),
            ("data_risk", "high") => Some(Fact::DataRiskHigh),
            ("data_risk", "unknown") => Some(Fact::DataRiskUnknown),
            ("encrypted", "yes") => Some(Fact::Encrypted),
            ("encrypted", "no") => None,
            ("processor", "yes") => Some(Fact::Processor),
            ("software_fault", "yes") => Some(Fact::SoftwareFault),
            ("device_regulated", "yes") => Some(Fact::MedicalDevice),
            ("dols", "outcome" | "withdrawn") => Some(Fact::DolsOutcome),
            ("dols", "authorised") => None,
            ("service_safe", "threatened" | "no") => Some(Fact::ServiceUnsafe),
            ("service_safe", "yes") => None,
            ("staffing", "short") => Some(Fact::StaffShort),
            ("staffing", "ok") => None,
            ("utility", _) => None,
            ("utility_hours", _) => (number() > 24.0).then_some(Fact::UtilityOut),
            ("damage", "affects_care") => Some(Fact::PremisesDamaged),
            ("alarm_hours", _) => (number() > 24.0).then_some(Fact::AlarmOut),
            ("gap_hours", _) => (number() >= 24.0).then_some(Fact::LongOutage),
            ("worker", "specified_injury") => Some(Fact::WorkerSpecifiedInjury),
            ("worker", "over_7_days") => Some(Fact::WorkerOverSevenDays),
            ("manager", "absent_28") => Some(Fact::ManagerAway),
            ("manager", "left") => Some(Fact::ManagerLeft),
            ("comm_need", "yes") => Some(Fact::CommunicationNeeds),
            ("funder", "la" | "icb") => Some(Fact::Commissioned),
            ("funder", "self")
            | ("service" | "planned" | "premises" | "capacity" | "expected", _) => None,
            other => panic!("{other:?} is in the vocabulary"),
        };
        facts.also.extend(fact);
    }
    facts
}

fn situations() -> Vec<Situation> {
    let mut lines = include_str!("situations.csv").lines();
    let header = fields(lines.next().expect("a header"));
    let names = [
        "id",
        "pathway",
        "situation",
        "answers",
        "expected_rule_ids",
        "candour",
        "ico",
        "why",
    ];
    assert_eq!(header, names);
    lines
        .map(|line| {
            let row = fields(line);
            assert_eq!(row.len(), names.len(), "{line}");
            Situation {
                id: row[0].clone(),
                pathway: row[1].clone(),
                facts: facts(&row[3]),
                expected: row[4]
                    .split(';')
                    .filter(|it| *it != "none")
                    .map(str::to_owned)
                    .collect(),
                candour: row[5].clone(),
                ico: row[6].clone(),
            }
        })
        .collect()
}

/// The list as the situations write it: `id`, or `id?` where it may apply.
fn written(listed: &[Listed]) -> BTreeSet<String> {
    let id = |rule: RuleId| serde_json::to_value(rule).expect("an id");
    listed
        .iter()
        .map(|it| {
            let id = id(it.rule);
            let id = id.as_str().expect("text");
            format!("{id}{}", if it.sure { "" } else { "?" })
        })
        .collect()
}

fn state(listed: &[Listed], rule: RuleId) -> &'static str {
    match listed.iter().find(|it| it.rule == rule) {
        None => "no",
        Some(it) if it.sure => "yes",
        Some(_) => "consider",
    }
}

#[test]
fn every_judged_situation_lists_exactly_its_rules() {
    let all = situations();
    assert_eq!(all.len(), 30);
    assert_eq!(all.iter().filter(|it| it.pathway == "B").count(), 9);
    for it in all {
        let listed = may_apply(&it.facts);
        let expected: BTreeSet<String> = it.expected.into_iter().collect();
        assert_eq!(written(&listed), expected, "{}", it.id);
        assert_eq!(state(&listed, RuleId::Candour202), it.candour, "{}", it.id);
        assert_eq!(state(&listed, RuleId::Gdpr331), it.ico, "{}", it.id);
    }
}

#[test]
fn no_harm_lists_nothing_and_harm_with_no_opinion_yet_lists_what_it_may_come_to() {
    assert_eq!(may_apply(&Facts::default()), []);
    let hurt = Facts {
        harm: Harm::SeriousInjury,
        ..Facts::default()
    };
    let listed = written(&may_apply(&hurt));
    for id in ["cqc-reg18-2-a?", "cqc-reg18-2-b?", "doc-20-2?", "doc-20-1"] {
        assert!(listed.contains(id), "{id} in {listed:?}");
    }
}

#[test]
fn a_recalled_rule_says_that_its_text_is_to_be_checked() {
    for id in RuleId::ALL {
        let rule = rule(id);
        assert_eq!(rule.id, id);
        let asks = rule.certainty.words().contains("check the current text");
        assert_eq!(asks, rule.certainty != Certainty::Verified, "{id:?}");
        for text in [rule.name, rule.paragraph, rule.test, rule.tell, rule.time] {
            assert!(!text.is_empty(), "{id:?}");
        }
    }
}

#[test]
fn what_is_reportable_by_itself_lists_its_rule_whatever_was_answered_on_harm() {
    let by_itself = [
        (Fact::DuringCare, "cqc-reg16-1-a"),
        (Fact::Police, "cqc-reg18-2-f"),
        (Fact::Complaint, "hsca-reg16-complaint"),
        (Fact::DolsOutcome, "cqc-reg18-dols"),
        (Fact::ControlledDrug, "cd-report"),
        (Fact::MedicineWrong, "nice-med-problem"),
        (Fact::DataBreach, "gdpr-33-5"),
        (Fact::DataRisk, "gdpr-33-1"),
        (Fact::DataRiskHigh, "gdpr-34-1"),
    ];
    for (fact, id) in by_itself {
        for harm in Harm::ALL {
            for linked in [true, false] {
                let mut also = BTreeSet::from([fact]);
                if !linked {
                    also.insert(Fact::NotLinked);
                }
                let facts = Facts {
                    harm,
                    also,
                    ..Facts::default()
                };
                let listed = written(&may_apply(&facts));
                assert!(listed.contains(id), "{fact:?}, {harm:?}: {listed:?}");
            }
        }
    }
}

#[test]
fn a_death_that_is_ticked_beside_no_harm_may_have_come_of_it() {
    let listed = |also: &[Fact]| {
        let facts = Facts {
            also: also.iter().copied().collect(),
            ..Facts::default()
        };
        written(&may_apply(&facts))
    };
    let death = listed(&[Fact::DuringCare, Fact::Accident]);
    let ids = [
        "cqc-reg16-1-a",
        "cqc-reg16-1-b?",
        "coroner-death?",
        "doc-20-2?",
        "riddor-reg6?",
    ];
    for id in ids {
        assert!(death.contains(id), "{id} in {death:?}");
    }
    assert!(!death.contains("cqc-reg18-2-a?"), "an injury is no death");
    let not_linked = listed(&[Fact::DuringCare, Fact::NotLinked]);
    assert_eq!(not_linked, BTreeSet::from(["cqc-reg16-1-a".to_owned()]));
    // Who was taken to hospital for treatment was hurt, though nobody said how.
    let hospital = listed(&[Fact::Accident, Fact::Hospital]);
    assert!(hospital.contains("riddor-reg5?"), "{hospital:?}");
}
