//! What comes in from the record system: every fault named, nothing imported by halves, nothing
//! written twice, and names as they were written.

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Output},
};

use holdfast_domain::{
    body::{AnswerTimes, Data, Kind, Schedule},
    ids::{EntryId, ProviderId, SubjectId},
    permission::Role,
};
use holdfast_server::{
    demo,
    import::{Changes, Current, Fault, Import, entries, parse},
};
use proptest::prelude::*;

const PROVIDER: [u8; 16] = [7; 16];

fn provider() -> ProviderId {
    ProviderId::from(uuid::Uuid::from_bytes(PROVIDER))
}

/// A small provider that imports without a fault, to be spoilt by a test.
#[derive(Clone)]
struct Folder(BTreeMap<String, Vec<u8>>);

impl Folder {
    fn new() -> Self {
        let files = [
            (
                "services.csv",
                "code,name,kind,cqc_location_id,on_call_name,on_call_contact,registered_manager,second_decider,safeguarding_contact,commissioner_contact\n\
                 NHC,Northgate,domiciliary,1-9,Sunita Rao,01632 960003,boss,deputy,01632 960010,01632 960011\n\
                 ELM,Elm Bank,residential,1-8,Helen Carrick,01632 960001,boss,deputy,01632 960010,01632 960011\n",
            ),
            (
                "staff.csv",
                "username,display_name,roles,services\n\
                 boss,Helen Carrick,registered_manager,NHC;ELM\n\
                 deputy,Ifeoma Nwosu,deputy_manager,NHC;ELM\n\
                 marta,Marta Kowalska,support_worker;senior_staff@ELM,NHC;ELM\n",
            ),
            (
                "people.csv",
                "ref,full_name,preferred_name,date_of_birth,service,place,allergies,key_risks,communication_needs,capacity,representative_relation,representative_name,representative_contact,representative_authority,funder,dols,gp_name,gp_contact\n\
                 P1,Eugenia Whitby,Jean Whitby,1958-10-15,NHC,Round C,Trimethoprim,,,has,daughter,Precious Whitby,01632 960102,lpa_health,nhs,none,Elm Lane,01632 960910\n\
                 P2,Maeve O'Dowd,,1957-12-12,ELM,Room 3,None known,,,varies,none,,,none,council,none,Elm Lane,01632 960910\n",
            ),
            (
                "medicines.csv",
                "person_ref,medicine,strength,form,dose,route,times,schedule,instructions,time_critical,controlled,min_hours_between,max_in_24h,started_on,review_or_stop_on,prescriber\n\
                 P1,Fentanyl,25 micrograms/hour,patch,1 patch,transdermal,07:40,every 72 hours from 2026-11-02,Rotate the site,yes,yes,,,2026-07-02,,GP\n\
                 P1,Lorazepam,0.5 mg,tablet,1 tablet,oral,PRN,when needed,Record reason,no,yes,6,2,2026-02-19,,GP\n\
                 P2,Ketoconazole,2%,shampoo,1 wash,topical,20:00;10:00,weekly Thu;Mon,Rinse,no,no,,,2026-10-17,2026-12-17,GP\n",
            ),
            (
                "administrations.csv",
                "person_ref,medicine,strength,given_at,dose,outcome\n\
                 P1,Fentanyl,25 micrograms/hour,2026-11-23T07:41:00+00:00,1 patch,given\n\
                 P1,Fentanyl,25 micrograms/hour,2026-07-20 07:39,1 patch,refused\n",
            ),
            (
                "visits.csv",
                "person_ref,date,start,end,staff,support_tasks\n\
                 P1,2026-11-24,18:20,18:50,marta,Medicines;Continence\n\
                 P1,2026-11-24,22:15,22:45,,Night care\n",
            ),
            (
                "devices.csv",
                "label,kind,model,service,holder\nNHC-PH6,phone,Moto G34,NHC,marta\nELM-TAB1,tablet,iPad 10,ELM,\n",
            ),
            (
                "plans.csv",
                "person_ref,support_task,instruction,effective_from\n\
                 P1,Eating and drinking,\"Level 5 minced and moist, level 1 thickened fluids.\",2026-09-21\n",
            ),
        ];
        Self(
            files
                .into_iter()
                .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
                .collect(),
        )
    }

    fn without(mut self, file: &str) -> Self {
        self.0.remove(file).expect("the file is there");
        self
    }

    fn with(mut self, file: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.insert(file.to_owned(), bytes.into());
        self
    }

    fn text(&self, file: &str) -> String {
        String::from_utf8(self.0[file].clone()).expect("the file is text")
    }

    /// The folder with one text in a file replaced by another.
    fn change(self, file: &str, from: &str, to: &str) -> Self {
        let text = self.text(file);
        assert!(text.contains(from), "{file} holds {from}");
        self.with(file, text.replacen(from, to, 1))
    }

    fn line(self, file: &str, line: &str) -> Self {
        let text = self.text(file) + line + "\n";
        self.with(file, text)
    }

    fn parse(&self) -> Result<Import, Vec<Fault>> {
        parse(&self.0, provider())
    }

    fn faults(&self) -> String {
        let faults = self.parse().expect_err("the folder has faults");
        let lines: Vec<String> = faults.iter().map(Fault::to_string).collect();
        lines.join("\n")
    }

    fn write(&self, folder: &Path) {
        for (name, bytes) in &self.0 {
            std::fs::write(folder.join(name), bytes).expect("the folder can be written");
        }
    }
}

/// The log as it lists things after these imports, one after the other.
#[derive(Default)]
struct Log {
    current: Current,
    made: u8,
}

impl Log {
    fn import(&mut self, folder: &Folder) -> Changes {
        let import = folder.parse().expect("the folder has no fault");
        let changes = entries(&import, &self.current, || {
            self.made = self.made.wrapping_add(1);
            EntryId::new(0, [self.made; 10])
        });
        for entry in &changes.entries {
            let about = entry.body.about.expect("what is imported is about a thing");
            match &entry.body.data {
                Data::Unlisted(gone) => {
                    self.current.remove(&(gone.kind, gone.of));
                }
                data => {
                    let said = (entry.service, entry.body.to_text());
                    self.current.insert((data.kind(), about), said);
                }
            }
        }
        changes
    }
}

#[test]
fn a_whole_provider_comes_in() {
    let import = Folder::new().parse().expect("no fault");
    let count = |kind| {
        import
            .listed
            .iter()
            .filter(|it| it.body.kind() == kind)
            .count()
    };
    assert_eq!(count(Kind::Service), 2);
    assert_eq!(count(Kind::Staff), 6, "one a user and service");
    assert_eq!(count(Kind::Person), 2);
    assert_eq!(count(Kind::Medicine), 3);
    assert_eq!(count(Kind::Administrations), 1, "one a person");
    assert_eq!(count(Kind::Visits), 1, "one a person");
    assert_eq!(count(Kind::Device), 2);
    assert_eq!(count(Kind::Plan), 1);
}

#[test]
fn every_body_reads_back_as_it_was_written() {
    let now = 1_795_543_200_000;
    let import = parse(&demo::files(now), provider()).expect("no fault");
    for item in &import.listed {
        let text = item.body.to_text();
        let read = holdfast_domain::body::Body::parse(&text).expect("a body of ours parses");
        assert_eq!(read, item.body);
    }
}

#[test]
fn a_role_with_a_service_is_held_there_alone() {
    let import = Folder::new().parse().expect("no fault");
    let roles = |code: &str| {
        let subject = SubjectId::of(provider(), "staff", &format!("marta\0{code}")).uuid();
        let item = import.listed.iter().find(|it| it.subject == subject);
        match &item.expect("marta is there").body.data {
            Data::Staff(staff) => staff.roles.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(roles("NHC"), [Role::SupportWorker]);
    assert_eq!(roles("ELM"), [Role::SupportWorker, Role::SeniorStaff]);
}

#[test]
fn times_without_an_offset_are_those_of_london() {
    let import = Folder::new().parse().expect("no fault");
    let given: Vec<i64> = import
        .listed
        .iter()
        .find_map(|it| match &it.body.data {
            Data::Administrations(it) => Some(it.given.iter().map(|it| it.at).collect()),
            _ => None,
        })
        .expect("administrations are there");
    let summer = chrono::DateTime::parse_from_rfc3339("2026-07-20T07:39:00+01:00").expect("a time");
    let winter = chrono::DateTime::parse_from_rfc3339("2026-11-23T07:41:00Z").expect("a time");
    assert_eq!(
        given,
        [summer.timestamp_millis(), winter.timestamp_millis()]
    );
}

#[test]
fn schedules_are_kept_as_what_they_mean() {
    let import = Folder::new().parse().expect("no fault");
    let medicines: Vec<_> = import
        .listed
        .iter()
        .filter_map(|it| match &it.body.data {
            Data::Medicine(it) => Some((it.schedule.clone(), it.times.len())),
            _ => None,
        })
        .collect();
    let from = chrono::NaiveDate::from_ymd_opt(2026, 11, 2).expect("a day");
    let days = vec![chrono::Weekday::Mon, chrono::Weekday::Thu];
    assert_eq!(
        medicines,
        [
            (Schedule::EveryHours { hours: 72, from }, 1),
            (Schedule::WhenNeeded, 0),
            (Schedule::Weekly { days }, 2),
        ]
    );
}

#[test]
fn an_unknown_service_is_named() {
    let folder = Folder::new()
        .change("people.csv", "1958-10-15,NHC", "1958-10-15,NHX")
        .change("staff.csv", "senior_staff@ELM", "senior_staff@HAR")
        .change("devices.csv", "Moto G34,NHC", "Moto G34,nhc");
    insta::assert_snapshot!(folder.faults());
}

#[test]
fn keys_that_are_there_twice_are_named() {
    let folder = Folder::new()
        .line("services.csv", "NHC,Twice,nursing,1-9,A,1,boss,deputy,2,3")
        .line("staff.csv", "Marta,Marta Twice,support_worker,NHC")
        .line("people.csv", "P1,Other,,1958-10-15,NHC,C,None known,,,has,none,,,none,nhs,none,G,1")
        .line("medicines.csv", "P1,Lorazepam,0.5 mg,tablet,1 tablet,oral,PRN,when needed,Twice,no,yes,,,2026-02-19,,GP")
        .line("devices.csv", "NHC-PH6,phone,Moto,NHC,")
        .line("plans.csv", "P1,Eating and drinking,Twice,2026-09-22");
    insta::assert_snapshot!(folder.faults());
}

#[test]
fn bad_dates_and_times_are_named() {
    let folder = Folder::new()
        .change("people.csv", "1958-10-15", "15/10/1958")
        .change("people.csv", "1957-12-12", "1957-02-30")
        .change("medicines.csv", ",07:40,", ",7:40,")
        .change("medicines.csv", "20:00;10:00", "20:00;24:10")
        .change(
            "medicines.csv",
            "2026-10-17,2026-12-17",
            "2026-10-17,2026-10-16",
        )
        .change(
            "administrations.csv",
            "2026-11-23T07:41:00+00:00",
            "yesterday",
        )
        .change(
            "administrations.csv",
            "2026-07-20 07:39",
            "2026-03-29 01:30",
        )
        .change("visits.csv", "18:20,18:50", "18:50,18:20")
        .change("visits.csv", "2026-11-24,22:15", "2026-11-31,22:15");
    insta::assert_snapshot!(folder.faults());
}

/// A waking night: from the evening of one day to the morning of the next.
#[test]
fn a_visit_may_go_on_past_midnight() {
    let night = Folder::new().change("visits.csv", "22:15,22:45", "22:00,07:30");
    let import = night.parse().expect("no fault");
    let visits = import.listed.iter().find_map(|it| match &it.body.data {
        Data::Visits(it) => Some(&it.visits),
        _ => None,
    });
    let last = visits.and_then(|all| all.last()).expect("it came in");
    assert_eq!(last.end - last.start, 9 * 3_600_000 + 30 * 60_000);
}

#[test]
fn bad_schedules_are_named() {
    let folder = Folder::new()
        .change(
            "medicines.csv",
            "every 72 hours from 2026-11-02",
            "every third day",
        )
        .change("medicines.csv", "when needed", "daily")
        .change("medicines.csv", "weekly Thu;Mon", "weekly Thu;Thu");
    insta::assert_snapshot!(folder.faults());
}

#[test]
fn the_times_by_which_devices_answer_are_read_and_may_be_left_out() {
    let times = |folder: &Folder| -> Vec<AnswerTimes> {
        let import = folder.parse().expect("no fault");
        let services = import.listed.iter().filter_map(|it| match &it.body.data {
            Data::Service(it) => Some(it.answer_times.clone()),
            _ => None,
        });
        services.collect()
    };
    assert_eq!(times(&Folder::new()), vec![AnswerTimes::default(); 2]);
    let set = Folder::new()
        .change(
            "services.csv",
            "commissioner_contact\n",
            "commissioner_contact,shift_starts,today_until,routine_days\n",
        )
        .change("services.csv", "01632 960011\n", "01632 960011,,,\n")
        .change(
            "services.csv",
            "01632 960010,01632 960011\n",
            "01632 960010,01632 960011,07:00;14:00; 21:30,18:00,3\n",
        );
    let all = times(&set);
    assert_eq!(all.iter().filter(|it| it.are_usual()).count(), 1);
    let elm = all.iter().find(|it| !it.are_usual()).expect("Elm Bank");
    let time = |hour, minute| chrono::NaiveTime::from_hms_opt(hour, minute, 0).expect("a time");
    assert_eq!(elm.shift_starts, [time(7, 0), time(14, 0), time(21, 30)]);
    assert_eq!(
        (elm.today_until, elm.routine_days),
        (Some(time(18, 0)), Some(3))
    );
    for (good, bad) in [("21:30", "9pm"), ("18:00", "24:00"), (",3\n", ",91\n")] {
        let faults = set.clone().change("services.csv", good, bad).faults();
        assert!(faults.contains("services.csv:3"), "{faults}");
    }
    let many = vec!["07:00"; 25].join(";");
    let faults = set.change("services.csv", "21:30", &many).faults();
    let says = "'shift_starts' has 27 times; at most 24 fit.";
    assert!(faults.contains(says), "{faults}");
}

#[test]
fn a_missing_and_an_unknown_column_are_named() {
    let folder = Folder::new()
        .change("people.csv", ",place,", ",plaice,")
        .change(
            "plans.csv",
            "person_ref,support_task",
            "person_ref,person_ref",
        );
    insta::assert_snapshot!(folder.faults());
}

#[test]
fn what_is_not_utf_8_is_named_where_it_stands() {
    let mut people = Folder::new().text("people.csv").into_bytes();
    let at = people
        .windows(7)
        .position(|it| it == b"Eugenia")
        .expect("she is there");
    people[at + 2] = 0xe9;
    insta::assert_snapshot!(Folder::new().with("people.csv", people).faults());
}

#[test]
fn a_line_and_a_field_that_are_too_long_are_named() {
    let long = "x".repeat(70 * 1024);
    let folder = Folder::new()
        .change("people.csv", "Jean Whitby", &"x".repeat(1_100_000))
        .change("plans.csv", "Level 5", &long)
        .change("devices.csv", "Moto G34", &"x".repeat(2_001));
    insta::assert_snapshot!(folder.faults());
}

#[test]
fn a_quotation_mark_without_its_pair_is_named_where_it_opens() {
    let rest = "P2,Skin,Heels floated,2026-09-21\n".repeat(3_000);
    let folder = Folder::new().line("plans.csv", &format!("P2,\"Skin,Heels,2026-09-21\n{rest}"));
    insta::assert_snapshot!(folder.faults());
}

#[test]
fn references_to_nobody_are_named() {
    let folder = Folder::new()
        .change("services.csv", "boss,deputy", "bos,")
        .change("visits.csv", "marta", "martha")
        .change("devices.csv", "marta", "martha")
        .change("plans.csv", "P1", "P9")
        .change(
            "administrations.csv",
            "P1,Fentanyl,25 micrograms/hour",
            "P1,Fentanyl,25 micrograms",
        );
    insta::assert_snapshot!(folder.faults());
}

#[test]
fn only_what_may_be_empty_may_be_empty() {
    let folder = Folder::new()
        .change("people.csv", "Trimethoprim", " ")
        .change("people.csv", "Precious Whitby,", ",")
        .change("people.csv", "none,,,none", "none,,01632 960103,other")
        .change("medicines.csv", "Rinse", "")
        .change("medicines.csv", ",6,2,", ",0,many,")
        .change("visits.csv", "Night care", "Night care;")
        .change("staff.csv", "support_worker;senior_staff@ELM", "carer@ELM");
    insta::assert_snapshot!(folder.faults());
}

#[test]
fn key_safe_and_door_codes_are_named_and_never_repeated() {
    let folder = Folder::new()
        .change("people.csv", "Round C", "Round C; key safe 1974")
        .change("plans.csv", "minced and moist", "code 4521#");
    let faults = folder.faults();
    assert!(
        !faults.contains("1974") && !faults.contains("4521"),
        "{faults}"
    );
    insta::assert_snapshot!(faults);
}

#[test]
fn files_that_are_missing_empty_or_of_another_name_are_named() {
    let folder = Folder::new()
        .without("plans.csv")
        .without("visits.csv")
        .with("visit.csv", "person_ref\n")
        .with("devices.csv", "")
        .with("staff.csv", "username,display_name,roles,services\n");
    insta::assert_snapshot!(folder.faults());
}

#[test]
fn a_file_with_one_mistake_throughout_is_cut_short() {
    let rows = "P9,Skin,Heels floated,2026-09-21\n".repeat(500);
    let folder = Folder::new().line("plans.csv", &rows);
    let faults = folder.parse().expect_err("there are faults");
    assert_eq!(faults.len(), holdfast_server::import::MOST_FAULTS);
}

#[test]
fn a_byte_order_mark_and_either_line_end_are_no_fault() {
    let plain = Folder::new();
    let marked = plain.0.iter().map(|(name, bytes)| {
        let text = String::from_utf8(bytes.clone())
            .expect("text")
            .replace('\n', "\r\n");
        (
            name.clone(),
            format!("\u{feff}{text}\r\n,,,\r\n").into_bytes(),
        )
    });
    // A row of nothing but commas is an empty line where the file has that many columns.
    let marked = Folder(marked.collect());
    let marked = marked.0.iter().map(|(name, bytes)| {
        let text = String::from_utf8(bytes.clone())
            .expect("text")
            .replace("\r\n,,,\r\n", "\r\n");
        (name.clone(), text.into_bytes())
    });
    let marked = Folder(marked.collect());
    assert_eq!(
        marked.parse().expect("no fault").listed,
        plain.parse().expect("no fault").listed
    );
}

#[test]
fn columns_may_stand_in_any_order() {
    let turned = Folder::new().with(
        "devices.csv",
        "holder,service,model,kind,label\nmarta,NHC,Moto G34,phone,NHC-PH6\n,ELM,iPad 10,tablet,ELM-TAB1\n",
    );
    assert_eq!(
        turned.parse().expect("no fault").listed,
        Folder::new().parse().expect("no fault").listed
    );
}

#[test]
fn names_come_through_as_they_were_written() {
    let names = [
        "Siân O'Dowd-Ní Bhriain",
        "محمد عبد الله",
        "陈丽华",
        "<b onclick=alert(1)>Jean</b> & Co",
        "=HYPERLINK(\"http://x\";\"y\")",
        "Jean\nWhitby",
        "Zoë\u{301} \u{202e}evil",
        "  two  spaces  ",
    ];
    for name in names {
        let quoted = format!("\"{}\"", name.replace('"', "\"\""));
        let folder = Folder::new().change("people.csv", "Eugenia Whitby", &quoted);
        let import = folder.parse().expect("no fault");
        let there = import.listed.iter().any(|it| match &it.body.data {
            Data::Person(person) => person.full_name == name,
            _ => false,
        });
        assert!(there, "{name:?}");
    }
}

#[test]
fn the_same_folder_twice_writes_nothing() {
    let mut log = Log::default();
    let first = log.import(&Folder::new());
    assert_eq!(first.entries.len(), 18);
    let second = log.import(&Folder::new());
    assert!(second.entries.is_empty());
    assert_eq!(second.to_string(), "Nothing has changed.");
}

#[test]
fn rows_in_another_order_are_no_change() {
    let mut log = Log::default();
    log.import(&Folder::new());
    let mut turned = Folder::new();
    for bytes in turned.0.values_mut() {
        let text = String::from_utf8(bytes.clone()).expect("text");
        let mut lines: Vec<&str> = text.lines().collect();
        lines[1..].reverse();
        *bytes = (lines.join("\n") + "\n").into_bytes();
    }
    assert!(log.import(&turned).entries.is_empty());
}

#[test]
fn a_changed_row_writes_one_new_version() {
    let mut log = Log::default();
    log.import(&Folder::new());
    let changes = log.import(&Folder::new().change("plans.csv", "Level 5", "Level 4"));
    assert_eq!(changes.entries.len(), 1);
    assert_eq!(changes.to_string(), "1 entries written.\nplans: 1 changed");
}

#[test]
fn a_row_that_is_gone_is_no_longer_listed_until_it_is_back() {
    let mut log = Log::default();
    log.import(&Folder::new());
    let device = "ELM-TAB1,tablet,iPad 10,ELM,\n";
    let fewer = Folder::new().change("devices.csv", device, "");
    let changes = log.import(&fewer);
    assert_eq!(changes.entries.len(), 1);
    assert_eq!(changes.entries[0].body.kind(), Kind::Unlisted);
    assert!(log.import(&fewer).entries.is_empty());
    assert_eq!(log.import(&Folder::new()).entries.len(), 1);
}

#[test]
fn somebody_who_moves_is_taken_off_the_old_service() {
    let mut log = Log::default();
    log.import(&Folder::new());
    let changes =
        log.import(&Folder::new().change("people.csv", "1957-12-12,ELM", "1957-12-12,NHC"));
    let kinds: Vec<Kind> = changes.entries.iter().map(|it| it.body.kind()).collect();
    assert_eq!(
        kinds,
        [Kind::Unlisted, Kind::Person, Kind::Unlisted, Kind::Medicine]
    );
    assert_ne!(changes.entries[0].service, changes.entries[1].service);
}

#[test]
fn administrations_are_replaced_a_person_and_left_alone_where_the_file_is_missing() {
    let mut log = Log::default();
    log.import(&Folder::new());
    assert!(
        log.import(
            &Folder::new()
                .without("administrations.csv")
                .without("visits.csv")
        )
        .entries
        .is_empty()
    );
    let more = Folder::new().line(
        "administrations.csv",
        "P1,Lorazepam,0.5 mg,2026-11-23T09:00,1 tablet,given",
    );
    assert_eq!(log.import(&more).entries.len(), 1);
    let none = Folder::new().with(
        "administrations.csv",
        "person_ref,medicine,strength,given_at,dose,outcome\n",
    );
    assert_eq!(log.import(&none).entries.len(), 1);
    assert!(log.import(&none).entries.is_empty());
}

proptest! {
    #[test]
    fn no_bytes_bring_the_reader_down(
        file in prop::sample::select(vec!["services.csv", "staff.csv", "people.csv", "medicines.csv",
            "administrations.csv", "visits.csv", "devices.csv", "plans.csv"]),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        keep_header in any::<bool>(),
    ) {
        let folder = Folder::new();
        let mut content = Vec::new();
        if keep_header {
            content.extend(folder.text(file).lines().next().unwrap_or_default().bytes());
            content.push(b'\n');
        }
        content.extend(bytes);
        let _ = folder.with(file, content).parse();
    }

    #[test]
    fn a_spoilt_character_never_brings_the_reader_down_and_names_its_own_line(
        file in prop::sample::select(vec!["people.csv", "medicines.csv", "visits.csv", "plans.csv"]),
        at in any::<prop::sample::Index>(),
        with in "[\\x00-\\x7fé,\"\n;]{1,3}",
    ) {
        let folder = Folder::new();
        let mut text = folder.text(file);
        let at = at.index(text.len());
        text.insert_str(at, &with);
        // A carriage return alone ends a line as well.
        let lines = text.split(['\r', '\n']).count() + 1;
        if let Err(faults) = folder.with(file, text).parse() {
            for fault in faults {
                prop_assert!(fault.line >= 1 && fault.column >= 1);
                prop_assert!(fault.file != file || fault.line <= lines, "{fault}");
            }
        }
    }

    #[test]
    fn any_name_comes_through(name in "[^\\x00]{1,60}") {
        prop_assume!(!name.trim().is_empty());
        let quoted = format!("\"{}\"", name.replace('"', "\"\""));
        let folder = Folder::new().change("staff.csv", "Marta Kowalska", &quoted);
        if let Ok(import) = folder.parse() {
            let there = import.listed.iter().any(|it| {
                matches!(&it.body.data, Data::Staff(staff) if staff.display_name == name)
            });
            prop_assert!(there);
        }
    }
}

fn holdfast(folder: &Path, database: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_holdfast"))
        .arg("import")
        .arg(folder)
        .arg("--database")
        .arg(format!("sqlite://{}", database.display()))
        .output()
        .expect("the program runs")
}

#[test]
fn the_command_imports_once_and_says_when_nothing_has_changed() {
    let place = tempfile::tempdir().expect("a folder");
    let (folder, database) = (place.path().join("in"), place.path().join("holdfast.db"));
    std::fs::create_dir(&folder).expect("a folder");
    Folder::new().write(&folder);
    let first = holdfast(&folder, &database);
    assert!(first.status.success(), "{first:?}");
    let said = String::from_utf8_lossy(&first.stdout).into_owned();
    assert!(said.contains("18 entries written."), "{said}");
    let second = holdfast(&folder, &database);
    assert!(second.status.success(), "{second:?}");
    assert_eq!(
        String::from_utf8_lossy(&second.stdout).trim(),
        "Nothing has changed."
    );
}

#[test]
fn the_command_names_faults_on_standard_error_and_writes_nothing() {
    let place = tempfile::tempdir().expect("a folder");
    let (folder, database) = (place.path().join("in"), place.path().join("holdfast.db"));
    std::fs::create_dir(&folder).expect("a folder");
    Folder::new()
        .change("people.csv", "1958-10-15,NHC", "1958-10-15,NHX")
        .write(&folder);
    let bad = holdfast(&folder, &database);
    assert_eq!(bad.status.code(), Some(1), "{bad:?}");
    let said = String::from_utf8_lossy(&bad.stderr).into_owned();
    let named = said.lines().any(|line| line.starts_with("people.csv:2:"));
    assert!(named, "{said}");
    Folder::new().write(&folder);
    let good = holdfast(&folder, &database);
    let said = String::from_utf8_lossy(&good.stdout).into_owned();
    assert!(
        said.contains("18 entries written."),
        "nothing was there before: {said}"
    );
}

#[test]
fn the_command_names_a_line_of_fifty_megabytes() {
    let place = tempfile::tempdir().expect("a folder");
    let (folder, database) = (place.path().join("in"), place.path().join("holdfast.db"));
    std::fs::create_dir(&folder).expect("a folder");
    let mut people = Folder::new().text("people.csv").into_bytes();
    people.extend(std::iter::repeat_n(b'x', 50 * 1024 * 1024));
    Folder::new().with("people.csv", people).write(&folder);
    let bad = holdfast(&folder, &database);
    assert_eq!(bad.status.code(), Some(1), "{bad:?}");
    let said = String::from_utf8_lossy(&bad.stderr).into_owned();
    assert!(
        said.contains("people.csv:4:1: This line is longer"),
        "{said}"
    );
}
