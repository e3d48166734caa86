//! TLS between the hosts: a CA and a server certificate made once. The CA's key is thrown away, so nobody can sign with
//! it later; renewing makes a new CA, which the agent's host must get too.

use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use p256::ecdsa::{DerSignature, SigningKey};
use p256::pkcs8::{EncodePrivateKey, LineEnding};
use x509_cert::Certificate;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::certificate::TbsCertificate;
use x509_cert::der::asn1::Ia5String;
use x509_cert::der::oid::db::rfc5280::ID_KP_SERVER_AUTH;
use x509_cert::der::{DecodePem, EncodePem};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName,
    SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};
use x509_cert::time::{Time, Validity};

use super::error::Error;
use super::secrets::Random;

/// Kind of TLS material in the manifest.
pub const KIND: &str = "tls";

const DAY: u64 = 24 * 60 * 60;
/// Ten years.
const CA_DAYS: u64 = 3650;
/// The longest that Apple's verifier takes for a server certificate of a private CA (support.apple.com/103769).
const LEAF_DAYS: u64 = 825;
/// A certificate that ends sooner is renewed.
const RENEW_DAYS: u64 = 30;
/// Clocks of two hosts differ.
const SKEW: Duration = Duration::from_secs(60 * 60);

/// PEM of the three files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Material {
    pub(super) ca: String,
    pub(super) cert: String,
    pub(super) key: String,
}

/// Makes a CA, and a server certificate for `address` that it signs.
pub(super) fn make(address: &str, now: SystemTime, random: Random<'_>) -> Result<Material, Error> {
    let failed = |what: &str| Error::Input(format!("cannot make a certificate for `{address}`: {what}"));
    let ca_key = key(random)?;
    let server_key = key(random)?;
    let ca_name = name("vispyr private CA").map_err(|e| failed(&e))?;
    // The serial number in the subject tells the CAs of two runs apart in a trust store.
    let profile = Profile { issuer: None, subject: ca_name.clone(), address: None };
    let ca = certificate(profile, &ca_key, &ca_key, now, CA_DAYS, random).map_err(|e| failed(&e))?;
    let profile = Profile {
        issuer: Some(ca_name),
        subject: name("vispyr gateway").map_err(|e| failed(&e))?,
        address: Some(general_name(address).ok_or_else(|| failed("it is no DNS name and no IP address"))?),
    };
    let cert = certificate(profile, &server_key, &ca_key, now, LEAF_DAYS, random).map_err(|e| failed(&e))?;
    let key = server_key.to_pkcs8_pem(LineEnding::LF).map_err(|e| failed(&e.to_string()))?;
    Ok(Material {
        ca: ca.to_pem(LineEnding::LF).map_err(|e| failed(&e.to_string()))?,
        cert: cert.to_pem(LineEnding::LF).map_err(|e| failed(&e.to_string()))?,
        key: key.to_string(),
    })
}

/// Why a kept certificate has to be made anew; `None` = it is good.
pub(super) fn stale(pem: &str, address: &str, now: SystemTime) -> Option<String> {
    let Ok(cert) = Certificate::from_pem(pem) else { return Some("the certificate there cannot be read".to_owned()) };
    let names = cert.tbs_certificate().get_extension::<SubjectAltName>().ok().flatten();
    let wanted = general_name(address);
    if !names.is_some_and(|(_, names)| names.0.iter().any(|n| Some(n) == wanted.as_ref())) {
        return Some(format!("the certificate there is not for `{address}`"));
    }
    let ends = cert.tbs_certificate().validity().not_after.to_unix_duration().as_secs();
    let now = now.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    if ends < now {
        return Some("the certificate there has expired".to_owned());
    }
    let left = (ends - now) / DAY;
    (left < RENEW_DAYS).then(|| format!("the certificate there ends in {left} days"))
}

/// Days that a certificate is still good for.
pub(super) fn days_left(pem: &str, now: SystemTime) -> Option<u64> {
    let ends = Certificate::from_pem(pem).ok()?.tbs_certificate().validity().not_after.to_unix_duration();
    Some(ends.saturating_sub(now.duration_since(UNIX_EPOCH).ok()?).as_secs().div_ceil(DAY))
}

fn general_name(address: &str) -> Option<GeneralName> {
    if let Ok(ip) = address.parse::<IpAddr>() {
        return Some(GeneralName::from(ip));
    }
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '*');
    let dns = !address.is_empty() && address.len() <= 253 && address.chars().all(known);
    dns.then(|| Ia5String::new(address).ok()).flatten().map(GeneralName::DnsName)
}

fn name(common: &str) -> Result<Name, String> {
    format!("CN={common}").parse::<Name>().map_err(|e| e.to_string())
}

fn key(random: Random<'_>) -> Result<SigningKey, Error> {
    // A draw outside of the group's order is as rare as 2^-32: two are a broken source.
    for _ in 0..2 {
        let mut bytes = [0u8; 32];
        random(&mut bytes).map_err(|e| Error::Input(format!("the system gives no random numbers: {e}")))?;
        if let Ok(key) = SigningKey::from_slice(&bytes) {
            return Ok(key);
        }
    }
    Err(Error::Input("the system's random numbers are not random".to_owned()))
}

fn certificate(
    profile: Profile,
    key: &SigningKey,
    signer: &SigningKey,
    now: SystemTime,
    days: u64,
    random: Random<'_>,
) -> Result<Certificate, String> {
    let mut serial = [0u8; 16];
    random(&mut serial)?;
    // Positive, and never zero.
    serial[0] = (serial[0] & 0x7f) | 0x40;
    let time = |t: SystemTime| Time::try_from(t).map_err(|e| e.to_string());
    let from = now.checked_sub(SKEW).unwrap_or(UNIX_EPOCH);
    let validity = Validity::new(time(from)?, time(now + Duration::from_secs(days * DAY))?);
    let serial = SerialNumber::new(&serial).map_err(|e| e.to_string())?;
    let public = SubjectPublicKeyInfo::from_key(key.verifying_key()).map_err(|e| e.to_string())?;
    let builder = CertificateBuilder::new(profile, serial, validity, public).map_err(|e| e.to_string())?;
    builder.build::<_, DerSignature>(signer).map_err(|e| e.to_string())
}

/// What a certificate says about itself.
struct Profile {
    /// `None` = itself.
    issuer: Option<Name>,
    subject: Name,
    /// `None` = a CA.
    address: Option<GeneralName>,
}

impl BuilderProfile for Profile {
    fn get_issuer(&self, subject: &Name) -> Name {
        self.issuer.clone().unwrap_or_else(|| subject.clone())
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        spk: SubjectPublicKeyInfoRef<'_>,
        issuer_spk: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        let to = tbs.subject();
        let mut all: Vec<Extension> = Vec::new();
        all.push(SubjectKeyIdentifier::try_from(spk)?.to_extension(to, &all)?);
        match &self.address {
            None => {
                all.push(BasicConstraints { ca: true, path_len_constraint: Some(0) }.to_extension(to, &all)?);
                all.push(KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign).to_extension(to, &all)?);
            }
            Some(address) => {
                all.push(AuthorityKeyIdentifier::try_from(issuer_spk)?.to_extension(to, &all)?);
                all.push(BasicConstraints { ca: false, path_len_constraint: None }.to_extension(to, &all)?);
                all.push(KeyUsage(KeyUsages::DigitalSignature.into()).to_extension(to, &all)?);
                all.push(ExtendedKeyUsage(vec![ID_KP_SERVER_AUTH]).to_extension(to, &all)?);
                all.push(SubjectAltName(vec![address.clone()]).to_extension(to, &all)?);
            }
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::signature::Verifier;
    use p256::ecdsa::{Signature, VerifyingKey};
    use p256::pkcs8::{DecodePrivateKey, DecodePublicKey};
    use x509_cert::der::Encode;

    use super::super::secrets::system_random;
    use super::*;

    fn at(days: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs((20_000 + days) * DAY)
    }

    fn signed_by(cert: &Certificate, ca: &Certificate) -> bool {
        let key = ca.tbs_certificate().subject_public_key_info().to_der().unwrap();
        let key = VerifyingKey::from_public_key_der(&key).unwrap();
        let signature = Signature::from_der(cert.signature().raw_bytes()).unwrap();
        key.verify(&cert.tbs_certificate().to_der().unwrap(), &signature).is_ok()
    }

    #[test]
    fn the_ca_signs_the_server_and_the_key_is_the_servers() {
        for address in ["obs.example.com", "10.0.0.7", "2001:db8::1"] {
            let made = make(address, at(0), &mut system_random).unwrap();
            let ca = Certificate::from_pem(&made.ca).unwrap();
            let cert = Certificate::from_pem(&made.cert).unwrap();
            assert!(signed_by(&cert, &ca) && signed_by(&ca, &ca), "{address}");
            assert!(!signed_by(&cert, &cert));
            let key = SigningKey::from_pkcs8_pem(&made.key).unwrap();
            let public = SubjectPublicKeyInfo::from_key(key.verifying_key()).unwrap();
            assert_eq!(&public, cert.tbs_certificate().subject_public_key_info());
            assert_eq!(stale(&made.cert, address, at(0)), None);
            assert_eq!((days_left(&made.cert, at(0)), days_left(&made.ca, at(0))), (Some(825), Some(3650)));
        }
    }

    #[test]
    fn a_certificate_is_renewed_for_another_address_and_before_it_ends() {
        let made = make("a.example", at(0), &mut system_random).unwrap();
        assert_eq!(stale(&made.cert, "a.example", at(795)), None);
        assert!(stale(&made.cert, "a.example", at(796)).is_some_and(|s| s.contains("29 days")));
        assert!(stale(&made.cert, "a.example", at(900)).is_some_and(|s| s.contains("expired")));
        assert!(stale(&made.cert, "b.example", at(0)).is_some_and(|s| s.contains("b.example")));
        assert!(stale("no pem", "a.example", at(0)).is_some());
        assert!(make("exämple", at(0), &mut system_random).is_err());
    }
}
