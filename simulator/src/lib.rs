//! The deterministic simulator: many phones over the real `domain`, the real server and its database in one process,
//! their storage, transport and clocks simulated. A run depends on its seed alone.

pub mod check;
pub mod deeds;
pub mod many;
pub mod network;
pub mod phone;
pub mod random;
pub mod servers;
pub mod staff;
pub mod storage;
mod trace;
pub mod world;

use std::collections::{HashSet, VecDeque};

use anyhow::{Context as _, Result};
use holdfast_domain::ids::UserId;
use holdfast_domain::keys::{AuthorKey, RootSecret};
use holdfast_domain::sealing::DataKey;
use holdfast_server::clock::simulated;
use holdfast_server::passwords::Passwords;

use crate::phone::Phone;
use crate::random::{Choose, Random};
use crate::servers::Servers;
use crate::staff::Staff;
use crate::storage::Storage;
use crate::world::World;

/// How large a run is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub phones: usize,
    pub steps: usize,
}

impl Default for Size {
    fn default() -> Self {
        Self {
            phones: 20,
            steps: 200,
        }
    }
}

impl Size {
    /// What runs a seed of this size again.
    pub fn command(self, seed: u64) -> String {
        let Self { phones, steps } = self;
        format!("cargo simulate --seed {seed} --phones {phones} --steps {steps}")
    }
}

/// What a run came to.
#[derive(Debug)]
pub struct Outcome {
    /// Entries that phones made.
    pub entries: usize,
    /// What does not hold; empty if all does.
    pub faults: Vec<String>,
    /// What happened, where it was asked for.
    pub trace: Vec<String>,
}

/// One run, in a thread and a runtime of its own.
///
/// # Errors
/// Where the machine does not give what a run needs: memory, files.
pub fn run(seed: u64, size: Size, passwords: &Passwords, trace: bool) -> Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(performed(seed, size, passwords.clone(), trace))
}

async fn performed(seed: u64, size: Size, passwords: Passwords, trace: bool) -> Result<Outcome> {
    simulated::seed(seed ^ 0x5e11);
    let mut rng = Random::new(seed);
    simulated::set(1_772_366_400_000);
    let servers = Servers::start(RootSecret::new(rng.bytes()), passwords).await?;
    // Some people have two phones.
    let staff = Staff::new(size.phones * 7 / 10, &mut rng);
    let mut world = World::new(rng, servers, staff, trace);
    world
        .servers
        .import(&world.staff.files(), world.now)
        .await
        .context("the first import")?;
    for number in 0..size.phones {
        let phone = new_phone(&mut world, number);
        world.phones.push(phone);
        world.sign_in(number).await?;
        world.open(number);
    }
    for _ in 0..size.steps {
        world.step().await?;
    }
    let at_rest = world.come_to_rest().await?;
    let faults = check::check(&world, at_rest).await?;
    Ok(Outcome {
        entries: world.made.len(),
        faults,
        trace: world.trace.take().unwrap_or_default(),
    })
}

fn new_phone(world: &mut World, number: usize) -> Phone {
    let provider = world.servers.provider().id;
    let username = world.staff.usernames[number % world.staff.usernames.len()].clone();
    let rng = &mut world.rng;
    let mut id = || uuid::Builder::from_random_bytes(rng.bytes()).into_uuid();
    let (device, vault) = (id(), id());
    Phone {
        provider,
        user: UserId::of(provider, &username),
        username,
        device: device.into(),
        key: AuthorKey::from_seed(rng.bytes()),
        vault,
        data_key: DataKey::new(rng.bytes()),
        root: world.servers.root().root_public(),
        certificates: Vec::new(),
        cookie: None,
        needs_sign_in: false,
        storage: Storage::default(),
        jobs: VecDeque::new(),
        tabs: Vec::new(),
        offset: 0,
        online: true,
        unheard: HashSet::new(),
    }
}
