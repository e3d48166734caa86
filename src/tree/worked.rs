//! What somebody works out of a service, kept for all who ask for it again.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::{ServiceId, Tree};

/// By its type and the service.
#[derive(Default)]
pub(super) struct Worked(Mutex<HashMap<(TypeId, ServiceId), Arc<dyn Any + Send + Sync>>>);

impl fmt::Debug for Worked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Worked")
    }
}

impl Tree {
    /// What `make` gives for a service, which is asked once for each type (or a few times, where several ask at once).
    pub fn worked<T: Any + Send + Sync>(&self, service: ServiceId, make: impl FnOnce() -> T) -> Arc<T> {
        let key = (TypeId::of::<T>(), service);
        let kept = self.worked.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(found) = kept.and_then(|any| any.downcast().ok()) {
            return found;
        }
        // Nothing is held meanwhile: it may ask in turn.
        let made = Arc::new(make());
        self.worked.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, made.clone());
        made
    }
}
