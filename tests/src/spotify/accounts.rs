//! The accounts server: the sign-in page, PKCE with S256, tokens that rotate, and answers that omit them.

use std::time::{Duration, Instant};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    Shared,
    http::{Answer, Request, pairs},
    lock,
    world::{CLIENT_ID, World},
};

/// Answers; and whether the answer is wrong on purpose.
pub(crate) fn answer(shared: &Shared, request: &Request) -> (Answer, bool) {
    let mut world = lock(&shared.world);
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/authorize") => (authorize(&mut world, request), false),
        ("POST", "/api/token") => {
            let garbled = world.garbles_tokens;
            let mut answer = token(&mut world, request);
            if garbled {
                // A secret where another type belongs: a parser's error would quote it.
                let secret = world.secret("garbled");
                answer = Answer::json(
                    200,
                    &json!({ "access_token": { "is": secret }, "expires_in": secret }),
                );
            }
            answer.delay = world.slow_tokens;
            (answer, garbled)
        }
        _ => (Answer::empty(404), false),
    }
}

fn refused(error: &str, description: &str) -> Answer {
    Answer::json(
        400,
        &json!({ "error": error, "error_description": description }),
    )
}

fn authorize(world: &mut World, request: &Request) -> Answer {
    let redirect = request.parameter("redirect_uri").unwrap_or_default();
    // As registered without a port: a literal of this machine, and nothing else.
    if !redirect.starts_with("http://127.0.0.1:") || !redirect.ends_with("/callback") {
        return refused("invalid_request", "INVALID_CLIENT: Insecure redirect URI");
    }
    if request.parameter("client_id") != Some(CLIENT_ID) {
        return refused("invalid_client", "INVALID_CLIENT: Invalid client");
    }
    if request.parameter("code_challenge_method") != Some("S256")
        || request.parameter("response_type") != Some("code")
        || request
            .parameter("code_challenge")
            .is_none_or(|challenge| challenge.len() != 43)
    {
        return refused("invalid_request", "code_challenge_method must be S256");
    }
    let state = request.parameter("state").unwrap_or_default();
    world.secrets.insert(state.to_owned());
    let code = world.secret("code");
    world.codes.insert(code.clone(), request.query.clone());
    Answer {
        headers: vec![("Location", format!("{redirect}?code={code}&state={state}"))],
        ..Answer::empty(302)
    }
}

fn token(world: &mut World, request: &Request) -> Answer {
    let form = pairs(&request.body);
    let field = |name: &str| {
        form.iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value.as_str())
    };
    if !request
        .header("content-type")
        .starts_with("application/x-www-form-urlencoded")
    {
        return refused("unsupported_media_type", "a form is wanted");
    }
    if field("client_id") != CLIENT_ID {
        return refused("invalid_client", "Invalid client");
    }
    let first = field("grant_type") == "authorization_code";
    let scope = if first {
        world.secrets.insert(field("code_verifier").to_owned());
        let Some(asked) = world.codes.remove(field("code")) else {
            return refused("invalid_grant", "Invalid authorization code");
        };
        let of = |name: &str| {
            asked
                .iter()
                .find(|(known, _)| known == name)
                .map_or("", |(_, value)| value.as_str())
        };
        if of("code_challenge") != challenge(field("code_verifier"))
            || of("redirect_uri") != field("redirect_uri")
        {
            return refused("invalid_grant", "code_verifier was incorrect");
        }
        of("scope").to_owned()
    } else {
        let Some(scope) = world.refresh.get(field("refresh_token")).cloned() else {
            return refused("invalid_grant", "Refresh token revoked");
        };
        if world.rotates && !world.omits_refresh {
            world.refresh.remove(field("refresh_token"));
        }
        scope
    };
    let access = world.secret("access");
    let until = Instant::now() + Duration::from_secs(world.expires_in);
    world.access.insert(access.clone(), until);
    let mut answer = json!({
        "access_token": access, "token_type": "Bearer", "expires_in": world.expires_in, "scope": scope,
    });
    if first || !world.omits_refresh {
        let refresh = world.secret("refresh");
        world.refresh.insert(refresh.clone(), scope);
        answer["refresh_token"] = refresh.into();
    }
    Answer::json(200, &answer)
}

/// base64url of SHA-256, without padding.
fn challenge(verifier: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let hash = Sha256::digest(verifier.as_bytes());
    let mut text = String::new();
    for three in hash.chunks(3) {
        let bits = three
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - three.len()));
        for digit in 0..=three.len() {
            let value = bits >> (18 - 6 * digit) & 63;
            text.push(char::from(DIGITS[value as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        // RFC 7636, appendix B.
        assert_eq!(
            super::challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
