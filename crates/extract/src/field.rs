//! The vocabulary of the normalised event.

macro_rules! fields {
    ($($variant:ident $name:literal $set:ident $kind:ident $doc:literal)*) => {
        /// A field of the normalised event. The order is that of the names, so that neighbours share a prefix.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Field { $(#[doc = $doc] $variant),* }

        impl Field {
            /// Every field, in the order of its index.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The dotted name: what `ecs` members, conditions and tests call it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// Whose field it is.
            #[must_use]
            pub const fn set(self) -> FieldSet {
                match self { $(Self::$variant => FieldSet::$set),* }
            }

            /// What its values are.
            #[must_use]
            pub const fn kind(self) -> FieldKind {
                match self { $(Self::$variant => FieldKind::$kind),* }
            }

            /// What it says, in a sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $doc),* }
            }
        }
    };
}

/// Whose name a field has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldSet {
    /// The Elastic Common Schema.
    Ecs,
    /// Beside the schema, by the names that Elastic's Cloud Foundry module uses.
    Beats,
    /// Ours: `platform.*`, `object.*` and `oauth.*`.
    Own,
}

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Text of any kind.
    Text,
    /// An address, as the producer wrote it.
    Ip,
    /// A whole number.
    Integer,
    /// A point in time, RFC 3339, in UTC.
    Time,
    /// One or more words of a closed list.
    Words,
}

fields! {
    Timestamp "@timestamp" Ecs Time "When it happened, by the producer's clock."
    AppId "cloudfoundry.app.id" Beats Text "GUID of the application whose output it is."
    AppName "cloudfoundry.app.name" Beats Text "Name of the application."
    EnvelopeDeployment "cloudfoundry.envelope.deployment" Beats Text "Deployment that the envelope came from."
    EnvelopeIndex "cloudfoundry.envelope.index" Beats Text "Index or id of the instance that the envelope came from."
    EnvelopeIp "cloudfoundry.envelope.ip" Beats Text "Address of that instance."
    EnvelopeJob "cloudfoundry.envelope.job" Beats Text "Job of that instance."
    EnvelopeOrigin "cloudfoundry.envelope.origin" Beats Text "Component that made the envelope."
    LogSourceInstance "cloudfoundry.log.source.instance" Beats Text "Index of the instance that printed the line."
    LogSourceType "cloudfoundry.log.source.type" Beats Text "What printed the line: APP/PROC/WEB, APP/TASK/name, RTR, CELL, …"
    OrgId "cloudfoundry.org.id" Beats Text "GUID of the organization."
    OrgName "cloudfoundry.org.name" Beats Text "Name of the organization."
    SpaceId "cloudfoundry.space.id" Beats Text "GUID of the space."
    SpaceName "cloudfoundry.space.name" Beats Text "Name of the space."
    DestinationIp "destination.ip" Ecs Ip "Address that was called."
    EventAction "event.action" Ecs Text "What was done, in the producer's words."
    EventCategory "event.category" Ecs Words "What sort of thing happened."
    EventDataset "event.dataset" Ecs Text "The class of the record."
    EventId "event.id" Ecs Text "The producer's id of the event."
    EventKind "event.kind" Ecs Text "Always `event`."
    EventOutcome "event.outcome" Ecs Text "success, failure or unknown."
    EventReason "event.reason" Ecs Text "Why it came out so, in the producer's words."
    EventType "event.type" Ecs Words "What it did to the object."
    GroupId "group.id" Ecs Text "Id of the group that was changed."
    GroupName "group.name" Ecs Text "Name of that group."
    HttpMethod "http.request.method" Ecs Text "Method of the request."
    HttpStatus "http.response.status_code" Ecs Integer "Status of the response."
    LogLevel "log.level" Ecs Text "Level by which the producer logged it."
    Message "message" Ecs Text "The line that an application printed."
    OauthClient "oauth.client.id" Own Text "OAuth client through which it was done."
    ObjectId "object.id" Own Text "Id of what it was done to."
    ObjectName "object.name" Own Text "Name of what it was done to."
    ObjectType "object.type" Own Text "Sort of thing that it was done to: app, user, credential, pods, …"
    ApiVersion "orchestrator.api_version" Ecs Text "Version of the API of the resource."
    ClusterId "orchestrator.cluster.id" Ecs Text "Id of the cluster."
    ClusterName "orchestrator.cluster.name" Ecs Text "Name of the cluster."
    Namespace "orchestrator.namespace" Ecs Text "Namespace of the resource."
    ResourceId "orchestrator.resource.id" Ecs Text "Id of the resource."
    ResourceName "orchestrator.resource.name" Ecs Text "Name of the resource."
    ResourceType "orchestrator.resource.type" Ecs Text "Sort of resource, plural as in the API."
    OrchestratorType "orchestrator.type" Ecs Text "kubernetes or docker-swarm."
    PlatformApp "platform.app.id" Own Text "GUID of the application that sent the record."
    PlatformAppName "platform.app.name" Own Text "Name of that application."
    PlatformAz "platform.az" Own Text "Availability zone of the sender."
    PlatformCluster "platform.cluster" Own Text "Cluster that the sender belongs to."
    PlatformContainer "platform.container" Own Text "Container that the sender is."
    PlatformDeployment "platform.deployment" Own Text "BOSH deployment that the sender belongs to."
    PlatformDirector "platform.director" Own Text "BOSH director of that deployment."
    PlatformEnvironment "platform.environment" Own Text "Environment that the operator named."
    PlatformInstance "platform.instance.id" Own Text "Id of the sender's BOSH instance."
    PlatformInstanceIndex "platform.instance.index" Own Text "Index of the sender among its like."
    PlatformJob "platform.job" Own Text "Instance group, or job, of the sender."
    PlatformNamespace "platform.namespace" Own Text "Kubernetes namespace of the sender."
    PlatformOrg "platform.org.id" Own Text "GUID of the sender's organization."
    PlatformOrgName "platform.org.name" Own Text "Name of that organization."
    PlatformPod "platform.pod" Own Text "Pod that the sender is part of."
    PlatformProcess "platform.process" Own Text "Process or task of the application: web, task/name, …"
    PlatformSpace "platform.space.id" Own Text "GUID of the sender's space."
    PlatformSpaceName "platform.space.name" Own Text "Name of that space."
    ProcessPid "process.pid" Ecs Integer "Process that wrote the line."
    ThreadName "process.thread.name" Ecs Text "Thread that wrote the line."
    SourceIp "source.ip" Ecs Ip "Where the request came from, as the producer tells; it can be forged by the client."
    SourcePort "source.port" Ecs Integer "Port that the request came from."
    SpanId "span.id" Ecs Text "Id of the span within the trace."
    Stream "stream" Beats Text "stdout or stderr."
    TraceId "trace.id" Ecs Text "Id that joins records of one request."
    UrlOriginal "url.original" Ecs Text "Path and query that were called, as sent."
    UserEffectiveName "user.effective.name" Ecs Text "Whom the user impersonated."
    UserHash "user.hash" Ecs Text "Hash that stands for a user who was not found."
    UserId "user.id" Ecs Text "Id of who did it."
    UserName "user.name" Ecs Text "Name of who did it."
    UserTargetId "user.target.id" Ecs Text "Id of the user to whom it was done."
    UserTargetName "user.target.name" Ecs Text "Name of that user."
    UserAgent "user_agent.original" Ecs Text "Program that the client says it is."
}

impl Field {
    /// The field with this dotted name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_groups_names_by_prefix() {
        let names: Vec<Vec<&str>> = Field::ALL.iter().map(|field| field.name().split('.').collect()).collect();
        assert!(names.is_sorted(), "out of order");
    }

    #[test]
    fn a_name_leads_to_its_field() {
        for field in Field::ALL {
            assert_eq!(Field::from_name(field.name()), Some(*field));
        }
    }
}
