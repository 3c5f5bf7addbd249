//! Pages of the log and checkpoints are many and large, so the browser's own cipher seals and opens them, in the form of every other
//! sealed row: it does ten times as much in the same time as the one in the app. It answers later, so never within a
//! transaction. Where the browser gives none (an insecure origin) the app's own does it.

use holdfast_domain::outbox::VaultId;
use holdfast_domain::outbox::row::{Change, Field, RowKey, Store, Write};
use holdfast_domain::sealing::{DataKey, Part, Purpose, additional_data};
use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::clock;

const NAME: &str = "AES-GCM";
const NONCE: usize = 12;

#[wasm_bindgen]
extern "C" {
    type Subtle;
    #[wasm_bindgen(method, catch, js_name = importKey)]
    fn import_key(
        this: &Subtle,
        format: &str,
        key: &Uint8Array,
        algorithm: &str,
        extractable: bool,
        uses: &Array,
    ) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn encrypt(
        this: &Subtle,
        how: &Object,
        key: &JsValue,
        plain: &Uint8Array,
    ) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn decrypt(
        this: &Subtle,
        how: &Object,
        key: &JsValue,
        sealed: &Uint8Array,
    ) -> Result<Promise, JsValue>;
}

/// What seals one vault's pages.
pub struct PageCipher(Option<(Subtle, JsValue)>);

impl PageCipher {
    /// The cipher of a vault with this data key.
    pub async fn new(data_key: &DataKey) -> Self {
        Self(imported(data_key).await.ok())
    }

    /// Seals the pages among these writes; the rest is left to whoever writes them.
    pub async fn seal_all(&self, vault: VaultId, writes: &mut [Write]) {
        for write in writes {
            let Change::Put(row) = &mut write.change else {
                continue;
            };
            for (_, field) in &mut row.0 {
                if let Field::Sealed(Purpose::Log, plain) = field
                    && let Some(sealed) = self.seal(vault, write.store, &write.key, plain).await
                {
                    *field = Field::Bytes(sealed);
                }
            }
        }
    }

    /// Seals one row's bytes; `None` where the browser gives no cipher.
    pub async fn seal(
        &self,
        vault: VaultId,
        store: Store,
        key: &[Part],
        plain: &[u8],
    ) -> Option<Vec<u8>> {
        let (subtle, cipher) = self.0.as_ref()?;
        let nonce: [u8; NONCE] = clock::random();
        let how = how(&nonce, store, vault, key).ok()?;
        let sealed = subtle
            .encrypt(&how, cipher, &Uint8Array::from(plain))
            .ok()?;
        let sealed = Uint8Array::new(&JsFuture::from(sealed).await.ok()?);
        let mut bytes = vec![0; NONCE + sealed.length() as usize];
        bytes[..NONCE].copy_from_slice(&nonce);
        sealed.copy_to(&mut bytes[NONCE..]);
        Some(bytes)
    }

    /// Opens rows of a store, all under way at once; `None` for one that is not there or does not open.
    pub async fn open_all(
        &self,
        data_key: &DataKey,
        store: Store,
        vault: VaultId,
        keys: &[RowKey],
        sealed: Vec<Option<Uint8Array>>,
    ) -> Vec<Option<Vec<u8>>> {
        let begun: Vec<(Option<Uint8Array>, Option<Promise>)> = keys
            .iter()
            .zip(sealed)
            .map(|(key, sealed)| {
                let promise = sealed
                    .as_ref()
                    .and_then(|sealed| self.begin_to_open(store, vault, key, sealed));
                (sealed, promise)
            })
            .collect();
        let mut opened = Vec::with_capacity(begun.len());
        for (key, (sealed, promise)) in keys.iter().zip(begun) {
            let plain = match (promise, sealed) {
                (Some(promise), _) => {
                    let plain = JsFuture::from(promise).await.ok();
                    plain.map(|plain| Uint8Array::new(&plain).to_vec())
                }
                (None, Some(sealed)) => {
                    let sealed = sealed.to_vec();
                    data_key
                        .open(Purpose::Log, store.name(), &vault, key, &sealed)
                        .ok()
                }
                (None, None) => None,
            };
            opened.push(plain);
        }
        opened
    }

    fn begin_to_open(
        &self,
        store: Store,
        vault: VaultId,
        key: &[Part],
        sealed: &Uint8Array,
    ) -> Option<Promise> {
        let (subtle, cipher) = self.0.as_ref()?;
        let nonce = sealed.subarray(0, NONCE as u32).to_vec();
        let how = how(&nonce, store, vault, key).ok()?;
        let rest = sealed.subarray(NONCE as u32, sealed.length());
        subtle.decrypt(&how, cipher, &rest).ok()
    }
}

async fn imported(own: &DataKey) -> Result<(Subtle, JsValue), JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let subtle = Reflect::get(&window.crypto()?.into(), &"subtle".into())?;
    if !subtle.is_object() {
        return Err(JsValue::NULL);
    }
    let subtle: Subtle = subtle.unchecked_into();
    let key = Uint8Array::from(&own.subkey(Purpose::Log)[..]);
    let uses = Array::of2(&"encrypt".into(), &"decrypt".into());
    let key = JsFuture::from(subtle.import_key("raw", &key, NAME, false, &uses)?).await?;
    Ok((subtle, key))
}

fn how(nonce: &[u8], store: Store, vault: VaultId, key: &[Part]) -> Result<Object, JsValue> {
    let how = Object::new();
    let place = additional_data(store.name(), &vault, key);
    let (nonce, place) = (Uint8Array::from(nonce), Uint8Array::from(&place[..]));
    Reflect::set(&how, &"name".into(), &NAME.into())?;
    Reflect::set(&how, &"iv".into(), &nonce)?;
    Reflect::set(&how, &"additionalData".into(), &place)?;
    Ok(how)
}
