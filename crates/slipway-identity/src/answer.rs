//! A refusal as the token endpoint writes it.

use jiff::Timestamp;
use serde::Serialize;

use crate::SignInFault;
use crate::fault::Row;

/// What ties an answer to the server's log.
#[derive(Clone, Debug)]
pub struct Trace {
    /// GUID of the answer.
    pub trace_id: String,
    /// GUID of the client's operation: its `client-request-id`, else a new one.
    pub correlation_id: String,
    /// The time of the request.
    pub now: Timestamp,
}

impl Trace {
    fn timestamp(&self) -> String {
        self.now.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
    }
}

/// Body of a refusal, as the token endpoint gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignInFaultBody {
    error: &'static str,
    error_description: String,
    error_codes: [u32; 1],
    timestamp: String,
    trace_id: String,
    correlation_id: String,
    /// Entra's page about the number; it is about the real service and helps here too.
    error_uri: String,
}

impl SignInFault {
    /// `error_description`: number, text and trace.
    #[must_use]
    pub fn description(&self, trace: &Trace) -> String {
        let Trace { trace_id, correlation_id, .. } = trace;
        let (number, timestamp) = (self.number(), trace.timestamp());
        format!(
            "AADSTS{number}: {self} Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {timestamp}"
        )
    }

    /// The JSON body of the answer.
    #[must_use]
    pub fn body(&self, trace: &Trace) -> SignInFaultBody {
        let Row { number, error, .. } = *self.row();
        let (trace_id, correlation_id) = (trace.trace_id.clone(), trace.correlation_id.clone());
        SignInFaultBody {
            error,
            error_description: self.description(trace),
            error_codes: [number],
            timestamp: trace.timestamp(),
            trace_id,
            correlation_id,
            error_uri: format!("https://login.microsoftonline.com/error?code={number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use slipway_model::ClientId;

    use super::*;

    /// The answer to a wrong secret on Microsoft's page about failed authentication of the Azure SDK, with its
    /// ids; newer answers have a blank where that one has a line break.
    #[test]
    fn the_body_is_entras() {
        let trace = Trace {
            trace_id: "03da4b8e-5ffe-48ca-9754-aff4276f0100".into(),
            correlation_id: "7b12f9bb-2eef-42e3-ad75-eee69ec9088d".into(),
            now: "2022-03-02T18:25:26.9Z".parse().unwrap(),
        };
        let fault = SignInFault::WrongSecret(ClientId::parse("86be4c01-505b-45e9-bfc0-9b825fd84").unwrap());
        let expected = json!({
            "error": "invalid_client",
            "error_description": "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in \
                the request is the client secret value, not the client secret ID, for a secret added to app \
                '86be4c01-505b-45e9-bfc0-9b825fd84'. Trace ID: 03da4b8e-5ffe-48ca-9754-aff4276f0100 Correlation \
                ID: 7b12f9bb-2eef-42e3-ad75-eee69ec9088d Timestamp: 2022-03-02 18:25:26Z",
            "error_codes": [7_000_215],
            "timestamp": "2022-03-02 18:25:26Z",
            "trace_id": "03da4b8e-5ffe-48ca-9754-aff4276f0100",
            "correlation_id": "7b12f9bb-2eef-42e3-ad75-eee69ec9088d",
            "error_uri": "https://login.microsoftonline.com/error?code=7000215",
        });
        assert_eq!(serde_json::to_value(fault.body(&trace)).unwrap(), expected);
        assert_eq!(fault.status(), 401);
    }
}
