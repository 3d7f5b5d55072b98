//! The types of audit events (cloud_controller_ng `app/repositories/event_types.rb`) and what they mean.

use crate::meaning::Meaning;

// An event is written after what it tells of, so that it was a success, but for what failed by its name.
const CREATE: &Meaning = &Meaning::new(&["configuration"], &["creation"], 6003, 1).with_status(1);
const READ: &Meaning = &Meaning::new(&["configuration"], &["access"], 6003, 2).with_status(1);
const UPDATE: &Meaning = &Meaning::new(&["configuration"], &["change"], 6003, 3).with_status(1);
const DELETE: &Meaning = &Meaning::new(&["configuration"], &["deletion"], 6003, 4).with_status(1);
const RESULT: &Meaning = &Meaning::new(&["configuration"], &["info"], 6003, 99).with_status(1);
const FAILED_RESULT: &Meaning = &Meaning::new(&["configuration"], &["info"], 6003, 99).with_status(2);
const START: &Meaning = &Meaning::new(&["process"], &["start"], 6002, 3).with_status(1);
const STOP: &Meaning = &Meaning::new(&["process"], &["end"], 6002, 4).with_status(1);
const RESTART: &Meaning = &Meaning::new(&["process"], &["change"], 6002, 5).with_status(1);
const PROCESS: &Meaning = &Meaning::new(&["process"], &["change"], 6002, 99).with_status(1);
const CRASH: &Meaning = &Meaning::new(&["process"], &["end", "error"], 6002, 4).with_status(2);
const SSH: &Meaning = &Meaning::new(&["session"], &["allowed"], 3003, 99).with_status(1);
const NO_SSH: &Meaning = &Meaning::new(&["session"], &["denied"], 3003, 99).with_status(2);
const GRANT: &Meaning = &Meaning::new(&["iam"], &["user", "admin"], 3005, 1).with_status(1);
const REVOKE: &Meaning = &Meaning::new(&["iam"], &["user", "admin"], 3005, 2).with_status(1);
const REMOVE_FILE: &Meaning = &Meaning::new(&["file"], &["deletion"], 6003, 4).with_status(1);

/// A type that is not in the list: it grows, and older APIs had others.
const UNKNOWN: &Meaning = &Meaning::new(&[], &[], 6003, 99).with_status(1);

/// What an event of this type means.
pub(super) fn meaning(of: &[u8]) -> &'static Meaning {
    TYPES.binary_search_by_key(&of, |(name, _)| *name).map_or(UNKNOWN, |row| TYPES[row].1)
}

/// Every type, by name.
#[rustfmt::skip]
const TYPES: [(&[u8], &Meaning); 140] = [
    (b"app.crash", CRASH),
    (b"audit.app.apply_manifest", UPDATE),
    (b"audit.app.build.create", CREATE),
    (b"audit.app.build.failed", FAILED_RESULT),
    (b"audit.app.build.staged", RESULT),
    (b"audit.app.copy-bits", UPDATE),
    (b"audit.app.create", CREATE),
    (b"audit.app.delete-request", DELETE),
    (b"audit.app.deployment.cancel", UPDATE),
    (b"audit.app.deployment.continue", UPDATE),
    (b"audit.app.deployment.create", CREATE),
    (b"audit.app.droplet.create", CREATE),
    (b"audit.app.droplet.delete", DELETE),
    (b"audit.app.droplet.download", READ),
    (b"audit.app.droplet.mapped", UPDATE),
    (b"audit.app.droplet.upload", UPDATE),
    (b"audit.app.environment.show", READ),
    (b"audit.app.environment_variables.show", READ),
    (b"audit.app.map-route", UPDATE),
    (b"audit.app.package.create", CREATE),
    (b"audit.app.package.delete", DELETE),
    (b"audit.app.package.download", READ),
    (b"audit.app.package.upload", UPDATE),
    (b"audit.app.process.crash", CRASH),
    (b"audit.app.process.create", CREATE),
    (b"audit.app.process.delete", DELETE),
    (b"audit.app.process.not-ready", PROCESS),
    (b"audit.app.process.ready", PROCESS),
    (b"audit.app.process.rescheduling", PROCESS),
    (b"audit.app.process.scale", UPDATE),
    (b"audit.app.process.terminate_instance", STOP),
    (b"audit.app.process.update", UPDATE),
    (b"audit.app.restage", RESTART),
    (b"audit.app.restart", RESTART),
    (b"audit.app.revision.create", CREATE),
    (b"audit.app.revision.environment_variables.show", READ),
    (b"audit.app.ssh-authorized", SSH),
    (b"audit.app.ssh-unauthorized", NO_SSH),
    (b"audit.app.start", START),
    (b"audit.app.stop", STOP),
    (b"audit.app.task.cancel", UPDATE),
    (b"audit.app.task.create", CREATE),
    (b"audit.app.unmap-route", UPDATE),
    (b"audit.app.update", UPDATE),
    (b"audit.app.upload-bits", UPDATE),
    (b"audit.buildpack.create", CREATE),
    (b"audit.buildpack.delete", DELETE),
    (b"audit.buildpack.update", UPDATE),
    (b"audit.buildpack.upload", UPDATE),
    (b"audit.organization.create", CREATE),
    (b"audit.organization.delete-request", DELETE),
    (b"audit.organization.update", UPDATE),
    (b"audit.organization_quota.apply", UPDATE),
    (b"audit.organization_quota.create", CREATE),
    (b"audit.organization_quota.delete", DELETE),
    (b"audit.organization_quota.update", UPDATE),
    (b"audit.route.create", CREATE),
    (b"audit.route.delete-request", DELETE),
    (b"audit.route.share", UPDATE),
    (b"audit.route.transfer-owner", UPDATE),
    (b"audit.route.unshare", UPDATE),
    (b"audit.route.update", UPDATE),
    (b"audit.route_policy.create", CREATE),
    (b"audit.route_policy.delete", DELETE),
    (b"audit.route_policy.update", UPDATE),
    (b"audit.service.create", CREATE),
    (b"audit.service.delete", DELETE),
    (b"audit.service.update", UPDATE),
    (b"audit.service_binding.create", CREATE),
    (b"audit.service_binding.delete", DELETE),
    (b"audit.service_binding.show", READ),
    (b"audit.service_binding.start_create", CREATE),
    (b"audit.service_binding.start_delete", DELETE),
    (b"audit.service_binding.update", UPDATE),
    (b"audit.service_broker.create", CREATE),
    (b"audit.service_broker.delete", DELETE),
    (b"audit.service_broker.update", UPDATE),
    (b"audit.service_dashboard_client.create", CREATE),
    (b"audit.service_dashboard_client.delete", DELETE),
    (b"audit.service_instance.bind_route", UPDATE),
    (b"audit.service_instance.create", CREATE),
    (b"audit.service_instance.delete", DELETE),
    (b"audit.service_instance.purge", DELETE),
    (b"audit.service_instance.share", UPDATE),
    (b"audit.service_instance.show", READ),
    (b"audit.service_instance.start_create", CREATE),
    (b"audit.service_instance.start_delete", DELETE),
    (b"audit.service_instance.start_update", UPDATE),
    (b"audit.service_instance.unbind_route", UPDATE),
    (b"audit.service_instance.unshare", UPDATE),
    (b"audit.service_instance.update", UPDATE),
    (b"audit.service_key.create", CREATE),
    (b"audit.service_key.delete", DELETE),
    (b"audit.service_key.show", READ),
    (b"audit.service_key.start_create", CREATE),
    (b"audit.service_key.start_delete", DELETE),
    (b"audit.service_key.update", UPDATE),
    (b"audit.service_plan.create", CREATE),
    (b"audit.service_plan.delete", DELETE),
    (b"audit.service_plan.update", UPDATE),
    (b"audit.service_plan_visibility.create", CREATE),
    (b"audit.service_plan_visibility.delete", DELETE),
    (b"audit.service_plan_visibility.update", UPDATE),
    (b"audit.service_route_binding.create", CREATE),
    (b"audit.service_route_binding.delete", DELETE),
    (b"audit.service_route_binding.start_create", CREATE),
    (b"audit.service_route_binding.start_delete", DELETE),
    (b"audit.service_route_binding.update", UPDATE),
    (b"audit.space.create", CREATE),
    (b"audit.space.delete-request", DELETE),
    (b"audit.space.update", UPDATE),
    (b"audit.space_quota.apply", UPDATE),
    (b"audit.space_quota.create", CREATE),
    (b"audit.space_quota.delete", DELETE),
    (b"audit.space_quota.remove", UPDATE),
    (b"audit.space_quota.update", UPDATE),
    (b"audit.stack.create", CREATE),
    (b"audit.stack.delete", DELETE),
    (b"audit.stack.update", UPDATE),
    (b"audit.user.organization_auditor_add", GRANT),
    (b"audit.user.organization_auditor_remove", REVOKE),
    (b"audit.user.organization_billing_manager_add", GRANT),
    (b"audit.user.organization_billing_manager_remove", REVOKE),
    (b"audit.user.organization_manager_add", GRANT),
    (b"audit.user.organization_manager_remove", REVOKE),
    (b"audit.user.organization_user_add", GRANT),
    (b"audit.user.organization_user_remove", REVOKE),
    (b"audit.user.space_auditor_add", GRANT),
    (b"audit.user.space_auditor_remove", REVOKE),
    (b"audit.user.space_developer_add", GRANT),
    (b"audit.user.space_developer_remove", REVOKE),
    (b"audit.user.space_manager_add", GRANT),
    (b"audit.user.space_manager_remove", REVOKE),
    (b"audit.user.space_supporter_add", GRANT),
    (b"audit.user.space_supporter_remove", REVOKE),
    (b"audit.user_provided_service_instance.create", CREATE),
    (b"audit.user_provided_service_instance.delete", DELETE),
    (b"audit.user_provided_service_instance.show", READ),
    (b"audit.user_provided_service_instance.update", UPDATE),
    (b"blob.remove_orphan", REMOVE_FILE),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_in_order_and_each_is_there_once() {
        assert!(TYPES.is_sorted_by(|(one, _), (other, _)| one < other));
    }

    #[test]
    fn a_type_leads_to_its_meaning() {
        for (name, expected) in TYPES {
            assert_eq!(meaning(name), expected);
        }
        assert_eq!(meaning(b"name-191"), UNKNOWN);
    }
}
