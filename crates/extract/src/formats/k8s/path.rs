//! What a request of the Kubernetes API is about, by its path.
//!
//! Source: the API server's `pkg/endpoints/request/requestinfo.go`, which fills `objectRef` by these rules. Events
//! without that member are a few: the legacy line, records of UCP, and events that were cut before it.

use std::ops::Range;

use crate::json::work;

/// Where the parts lie in the path. They are as sent, percent-encoded.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) group: Option<Range<usize>>,
    pub(crate) version: Option<Range<usize>>,
    pub(crate) namespace: Option<Range<usize>>,
    pub(crate) resource: Option<Range<usize>>,
    pub(crate) name: Option<Range<usize>>,
    pub(crate) subresource: Option<Range<usize>>,
}

impl Path {
    /// The parts of a request for a resource; `None` for any other: `/healthz`, `/api/v1`.
    pub(crate) fn of(uri: &[u8]) -> Option<Self> {
        let mut segments = Segments { uri, at: 0 };
        let mut path = Self::default();
        match segments.next_text()? {
            b"api" => {}
            b"apis" => path.group = Some(segments.next()?),
            _ => return None,
        }
        path.version = Some(segments.next()?);
        let mut first = segments.next()?;
        let is_proxy = &uri[first.clone()] == b"proxy";
        if is_proxy || &uri[first.clone()] == b"watch" {
            first = segments.next()?;
        }
        path.resource = Some(first.clone());
        path.name = segments.next();
        path.subresource = segments.next();
        if &uri[first] == b"namespaces" {
            path.namespace = path.name.clone();
            let beyond = path.subresource.clone();
            if let Some(beyond) = beyond.filter(|beyond| !matches!(&uri[beyond.clone()], b"status" | b"finalize")) {
                path.resource = Some(beyond);
                path.name = segments.next();
                path.subresource = segments.next();
            }
        }
        path.subresource = path.subresource.filter(|_| !is_proxy);
        Some(path)
    }

    /// The resource, in the path that these are the parts of.
    pub(crate) fn resource<'a>(&self, uri: &'a [u8]) -> Option<&'a [u8]> {
        self.resource.clone().map(|range| &uri[range])
    }
}

/// The segments of a path that are not empty, up to its query.
pub(crate) struct Segments<'a> {
    uri: &'a [u8],
    at: usize,
}

impl<'a> Segments<'a> {
    pub(crate) const fn of(uri: &'a [u8]) -> Self {
        Self { uri, at: 0 }
    }

    /// The octets of the next one.
    pub(crate) fn next_text(&mut self) -> Option<&'a [u8]> {
        self.next().map(|range| &self.uri[range])
    }
}

impl Iterator for Segments<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let before = self.at;
        while self.uri.get(self.at) == Some(&b'/') {
            self.at += 1;
        }
        let start = self.at;
        while !matches!(self.uri.get(self.at), None | Some(b'/' | b'?' | b'#')) {
            self.at += 1;
        }
        work::visit(self.at - before);
        (self.at > start).then_some(start..self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `expected`: group, version, namespace, resource, name, subresource; `-` for what is not there.
    fn check(uri: &str, expected: &str) {
        let path = Path::of(uri.as_bytes());
        let text = |range: &Option<Range<usize>>| range.clone().map_or("-", |range| &uri[range]).to_owned();
        let found = path.map(|path| {
            [&path.group, &path.version, &path.namespace, &path.resource, &path.name, &path.subresource]
                .map(text)
                .join(" ")
        });
        assert_eq!(found.as_deref().unwrap_or("none"), expected, "{uri}");
    }

    #[test]
    fn paths_are_taken_apart_as_the_api_server_does() {
        check("/api/v1/nodes", "- v1 - nodes - -");
        check("/api/v1/nodes/n1?pretty=true", "- v1 - nodes n1 -");
        check("/api/v1/namespaces/web/pods?limit=500", "- v1 web pods - -");
        check("/api/v1/namespaces/web/pods/p1/exec?command=sh", "- v1 web pods p1 exec");
        check("/apis/apps/v1/namespaces/web/deployments/api/scale", "apps v1 web deployments api scale");
        check("/apis/policy/v1beta1/poddisruptionbudgets", "policy v1beta1 - poddisruptionbudgets - -");
        check("/api/v1/namespaces", "- v1 - namespaces - -");
        check("/api/v1/namespaces/web", "- v1 web namespaces web -");
        check("/api/v1/namespaces/web/finalize", "- v1 web namespaces web finalize");
        check("/api/v1/watch/namespaces/web/pods", "- v1 web pods - -");
        check("/api/v1/proxy/nodes/n1/metrics", "- v1 - nodes n1 -");
        check("//api//v1/pods/", "- v1 - pods - -");
    }

    #[test]
    fn other_paths_name_no_resource() {
        for uri in [
            "",
            "/",
            "/healthz",
            "/readyz?verbose",
            "/api",
            "/api/v1",
            "/apis/apps/v1",
            "/api/v1/watch",
            "api?/v1/pods",
        ] {
            check(uri, "none");
        }
    }
}
