//! rspotify as a transport: one call, with a deadline, and its answer as text.
//!
//! rspotify's own errors are taken apart here and go no further: some quote what they could not read.

use std::{collections::HashSet, time::Duration};

use rspotify::{
    AuthCodePkceSpotify, ClientError, Config, Credentials, OAuth, Token,
    clients::{BaseClient, OAuthClient},
    http::{Form, HttpError, Query},
};
use serde_json::Value;
use tokio::time::timeout;

use crate::{
    Error, Server,
    answer::{Refusal, judge_token},
    grant::SCOPES,
    model::TokenAnswer,
};

/// For one call, from the connection to the last byte.
const ANSWERS_WITHIN: Duration = Duration::from_secs(6);

/// One call of the Web API.
#[derive(Debug, Clone)]
pub(crate) enum Call<'a> {
    Get(&'a str, Vec<(&'a str, String)>),
    Put(&'a str, Vec<(&'a str, String)>, Value),
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// The server says no.
    Refused(Refusal),
    /// It does not say anything that can be used.
    Silent(Error),
}

/// A client of Spotify's. No `Debug`: rspotify's shows the token.
pub(crate) struct Wire {
    client: AuthCodePkceSpotify,
}

impl Wire {
    /// For calls with a grant.
    pub(crate) fn new(server: &Server, client_id: &str) -> Self {
        Self::with_redirect(server, client_id, String::new())
    }

    /// For a sign-in that comes back to `redirect`. Makes a fresh state.
    pub(crate) fn with_redirect(server: &Server, client_id: &str, redirect: String) -> Self {
        let oauth = OAuth {
            redirect_uri: redirect,
            scopes: SCOPES
                .into_iter()
                .map(Into::into)
                .collect::<HashSet<String>>(),
            ..OAuth::default()
        };
        let config = Config {
            api_base_url: server.api.clone(),
            auth_base_url: server.accounts.clone(),
            // Its refresh forgets the refresh token, and its cache is readable by everybody.
            token_cached: false,
            token_refreshing: false,
            ..Config::default()
        };
        let client =
            AuthCodePkceSpotify::with_config(Credentials::new_pkce(client_id), oauth, config);
        Self { client }
    }

    /// The page where the user says yes. Makes a fresh verifier.
    pub(crate) fn authorize_url(&mut self) -> Result<String, Error> {
        self.client.get_authorize_url(Some(96)).map_err(|_| {
            Error::SignInFailed("The address of the sign-in page could not be made.".into())
        })
    }

    /// The code in the address that the browser came back to; `None` if it has none, or another state.
    pub(crate) fn code_in(&self, url: &str) -> Option<String> {
        self.client.parse_response_code(url)
    }

    /// Changes a code into tokens.
    pub(crate) async fn token_of_code(&self, code: &str) -> Result<TokenAnswer, Error> {
        let verifier = self.client.verifier.clone().unwrap_or_default();
        let redirect = self.client.oauth.redirect_uri.clone();
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &redirect),
            ("code_verifier", &verifier),
        ])
        .await
    }

    /// Changes a refresh token into an access token.
    pub(crate) async fn token_of_refresh(&self, refresh_token: &str) -> Result<TokenAnswer, Error> {
        self.token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ])
        .await
    }

    async fn token(&self, fields: &[(&'static str, &str)]) -> Result<TokenAnswer, Error> {
        let mut form = Form::new();
        form.insert("client_id", &self.client.creds.id);
        form.extend(fields.iter().copied());
        let asked = timeout(
            ANSWERS_WITHIN,
            self.client.auth_post("api/token", None, &form),
        )
        .await;
        let text = match outcome(asked).await {
            Ok(text) => text,
            Err(Unanswered::Refused(refusal)) => return Err(judge_token(&refusal)),
            Err(Unanswered::Silent(error)) => return Err(error),
        };
        let answer: TokenAnswer = serde_json::from_str(&text).map_err(|_| Error::Garbled)?;
        if answer.access_token.as_deref().is_none_or(str::is_empty) {
            return Err(Error::Garbled);
        }
        Ok(answer)
    }

    /// Makes one call and gives the answer's text; empty for 204.
    pub(crate) async fn call(
        &self,
        access_token: &str,
        call: &Call<'_>,
    ) -> Result<String, Unanswered> {
        if let Ok(mut slot) = self.client.token.lock().await {
            *slot = Some(Token {
                access_token: access_token.to_owned(),
                ..Token::default()
            });
        }
        let asking = async {
            match call {
                Call::Get(path, query) => {
                    tracing::trace!("asking Spotify for {path}");
                    let query: Query<'_> = query
                        .iter()
                        .map(|(name, value)| (*name, value.as_str()))
                        .collect();
                    self.client.api_get(path, &query).await
                }
                Call::Put(path, query, body) => {
                    tracing::trace!("telling Spotify {path}");
                    self.client.api_put(&with_query(path, query), body).await
                }
            }
        };
        outcome(timeout(ANSWERS_WITHIN, asking).await).await
    }
}

async fn outcome(
    asked: Result<Result<String, ClientError>, tokio::time::error::Elapsed>,
) -> Result<String, Unanswered> {
    match asked {
        Err(_) => Err(Unanswered::Silent(Error::NoNetwork)),
        Ok(Ok(text)) => Ok(text),
        Ok(Err(ClientError::Http(error))) => match *error {
            HttpError::StatusCode(response) => {
                let status = response.status().as_u16();
                let retry_after = response
                    .headers()
                    .get("retry-after")
                    .and_then(|value| value.to_str().ok())
                    .and_then(|value| value.trim().parse().ok());
                // A refusal without its reason is a refusal still.
                let body = timeout(ANSWERS_WITHIN, response.text()).await;
                Err(Unanswered::Refused(Refusal {
                    status,
                    retry_after,
                    body: body.ok().and_then(Result::ok).unwrap_or_default(),
                }))
            }
            HttpError::Client(_) => Err(Unanswered::Silent(Error::NoNetwork)),
        },
        Ok(Err(_)) => Err(Unanswered::Silent(Error::Garbled)),
    }
}

fn with_query(path: &str, query: &[(&str, String)]) -> String {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    let mut url = path.to_owned();
    for (n, (name, value)) in query.iter().enumerate() {
        let sign = if n == 0 { '?' } else { '&' };
        url.push_str(&format!(
            "{sign}{name}={}",
            utf8_percent_encode(value, NON_ALPHANUMERIC)
        ));
    }
    url
}
