use uuid::Uuid;

use super::*;
use crate::ids::EntryId;

fn user(n: u128) -> UserId {
    UserId::from(Uuid::from_u128(n))
}

#[test]
fn every_kind_has_its_row_and_every_role_its_name() {
    for kind in Kind::ALL {
        assert_eq!(
            TABLE.iter().filter(|(of, _)| *of == kind).count(),
            1,
            "{kind}"
        );
    }
    for role in Role::ALL {
        assert_eq!(role.as_str().parse(), Ok(role));
        assert_eq!(
            serde_json::to_string(&role).unwrap(),
            format!("\"{}\"", role.as_str())
        );
        assert_eq!(
            Role::ALL[role as usize],
            role,
            "the table's columns follow the roles"
        );
    }
}

#[test]
fn nobody_writes_what_import_and_the_server_write() {
    let theirs = [
        Kind::Service,
        Kind::Staff,
        Kind::Person,
        Kind::Medicine,
        Kind::Administrations,
        Kind::Visits,
        Kind::Device,
        Kind::Plan,
        Kind::Unlisted,
        Kind::Enrolment,
        Kind::Held,
        Kind::Erasure,
    ];
    for kind in theirs {
        assert!(!may_write(&Role::ALL, kind), "{kind}");
    }
}

#[test]
fn only_what_people_write_is_released_and_no_release() {
    let released: Vec<Kind> = Kind::ALL
        .into_iter()
        .filter(|kind| may_be_released(*kind))
        .collect();
    assert_eq!(
        released,
        [
            Kind::Mismatch,
            Kind::Guidance,
            Kind::GuidanceRead,
            Kind::GuidanceWithdrawal,
            Kind::MismatchReview,
            Kind::MismatchCause,
            Kind::DeviceCheck,
            Kind::ActionDone,
            Kind::MismatchClose,
            Kind::Note,
            Kind::Amendment,
            Kind::Acknowledgement,
            Kind::DeviceUse,
            Kind::PlanUpdate,
            Kind::Withdrawal,
            Kind::Confirmation,
            Kind::Reminder,
            Kind::HandOver,
            Kind::PlanQuestion,
            Kind::QuestionReply,
            Kind::WarningAnswer,
        ]
    );
}

#[test]
fn a_support_worker_sees_no_colleagues_records() {
    let roles = [Role::SupportWorker];
    for kind in [
        Kind::Mismatch,
        Kind::Note,
        Kind::Amendment,
        Kind::Acknowledgement,
        Kind::DeviceUse,
        Kind::PlanQuestion,
    ] {
        assert!(may_write(&roles, kind));
        assert!(visible(&roles, kind, Own::Mine));
        assert!(!visible(&roles, kind, Own::Others), "{kind}");
    }
    assert_eq!(see(&roles, Kind::Plan), See::All);
}

#[test]
fn a_support_worker_sees_what_to_follow_and_never_a_managers_review() {
    let roles = [Role::SupportWorker];
    assert_eq!(see(&roles, Kind::Guidance), See::All);
    assert_eq!(see(&roles, Kind::GuidanceWithdrawal), See::All);
    assert_eq!(see(&roles, Kind::MismatchReview), See::No);
    assert_eq!(see(&roles, Kind::WarningAnswer), See::No);
    assert_eq!(see(&roles, Kind::MismatchCause), See::Own);
    for kind in [
        Kind::Guidance,
        Kind::MismatchReview,
        Kind::MismatchCause,
        Kind::ActionDone,
        Kind::MismatchClose,
        Kind::WarningAnswer,
    ] {
        assert!(!may_write(&roles, kind), "{kind}");
    }
    let managers = [Role::DeputyManager, Role::RegisteredManager];
    for role in Role::ALL {
        for kind in [Kind::MismatchReview, Kind::MismatchClose] {
            assert_eq!(
                may_write(&[role], kind),
                managers.contains(&role),
                "{role} {kind}"
            );
        }
    }
}

#[test]
fn who_writes_a_kind_sees_at_least_their_own_of_it() {
    for role in Role::ALL {
        for kind in Kind::ALL {
            assert!(
                !may_write(&[role], kind) || see(&[role], kind) >= See::Own,
                "{role} {kind}"
            );
        }
    }
}

#[test]
fn provider_oversight_reads_and_writes_no_care_record() {
    let roles = [Role::ProviderOversight];
    for kind in [Kind::Mismatch, Kind::Note, Kind::Amendment] {
        assert_eq!(
            (may_write(&roles, kind), see(&roles, kind)),
            (false, See::All)
        );
    }
    assert!(may_write(&roles, Kind::Acknowledgement));
}

#[test]
fn several_roles_give_the_most_and_none_give_nothing() {
    assert_eq!(
        see(&[Role::SupportWorker, Role::ShiftLead], Kind::Note),
        See::All
    );
    assert_eq!(see(&[], Kind::Service), See::No);
    assert!(!may_write(&[], Kind::Note));
}

#[test]
fn an_acknowledgement_is_its_authors_and_its_addressees() {
    let body = Body::acknowledgement(EntryId::nil(), user(1));
    assert_eq!(owner_of(user(2), &body, user(1)), Own::Mine);
    assert_eq!(owner_of(user(2), &body, user(2)), Own::Mine);
    assert_eq!(owner_of(user(2), &body, user(3)), Own::Others);
}

#[test]
fn a_support_worker_sees_every_change_and_no_colleagues_answers() {
    let roles = [Role::SupportWorker];
    assert_eq!(see(&roles, Kind::PlanUpdate), See::All);
    assert_eq!(see(&roles, Kind::Reminder), See::All);
    assert!(may_write(&roles, Kind::Confirmation));
    assert!(!visible(&roles, Kind::Confirmation, Own::Others));
    for kind in [
        Kind::PlanUpdate,
        Kind::Withdrawal,
        Kind::Reminder,
        Kind::HandOver,
        Kind::QuestionReply,
    ] {
        assert!(!may_write(&roles, kind), "{kind}");
    }
}
