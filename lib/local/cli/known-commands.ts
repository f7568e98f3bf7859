/** Commands of Juju that are in every version told apart here, supported or not. */
const shared =
  `actions add-cloud add-credential add-k8s add-machine add-model add-secret add-secret-backend add-space
add-ssh-key add-storage add-unit add-user attach attach-resource attach-storage autoload-credentials bind bootstrap
cancel-task change-user-password charm-resources clouds config constraints consume controller-config controllers
create-backup create-storage-pool credentials dashboard debug-code debug-hook debug-hooks debug-log default-credential
default-region deploy destroy-controller destroy-model destroy-offer detach-storage diff-bundle disable-command disable-user
disabled-commands documentation download download-backup enable-command enable-destroy-controller enable-user
exec export-bundle expose find find-offers firewall-rules grant grant-cloud grant-secret help help-action-commands
help-hook-commands import-filesystem import-ssh-key info integrate kill-controller list-actions list-charm-resources
list-clouds list-controllers list-credentials list-disabled-commands list-firewall-rules list-machines list-models
list-offers list-operations list-regions list-resources list-secret-backends list-secrets list-spaces list-ssh-keys
list-storage list-storage-pools list-subnets list-users login logout machines migrate model-config model-constraints
model-default model-defaults model-secret-backend models move-to-space offer offers operations refresh regions register
relate reload-spaces remove-application remove-cloud remove-credential remove-k8s remove-machine remove-offer
remove-relation remove-saas remove-secret remove-secret-backend remove-space remove-ssh-key remove-storage
remove-storage-pool remove-unit remove-user rename-space resolve resolved resources resume-relation
retry-provisioning revoke revoke-cloud revoke-secret run scale-application scp secret-backends secrets set-constraints
set-credential set-default-credential set-default-region set-firewall-rule set-model-constraints show-action
show-application show-cloud show-controller show-credential show-credentials show-machine show-model show-offer
show-operation show-secret show-secret-backend show-space show-status-log show-storage show-task show-unit show-user
spaces ssh ssh-keys status storage storage-pools subnets suspend-relation switch sync-agent-binary trust unexpose
unregister update-cloud update-credential update-credentials update-k8s update-public-clouds update-secret
update-secret-backend update-storage-pool upgrade-controller upgrade-model users version whoami`.split(/\s+/);
const only3 =
  "agree agreements enable-ha list-agreements list-payloads payloads set-application-base upgrade-machine wait-for".split(
    " ",
  );

function names(juju: string): string[] {
  return juju.startsWith("3.") ? [...shared, ...only3] : shared;
}

/** Whether this version of Juju has the command. */
export function isJujuCommand(name: string, juju: string): boolean {
  return names(juju).includes(name);
}

/** Whether Juju had the command once, and says so differently from one that never was. */
export function isRetired(name: string, juju: string): boolean {
  return name === "status-history" || (name === "wait-for" && !juju.startsWith("3."));
}

/** Steps from one text to the other: letters added, left out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The command that is spelt most like this; of several the first by name. */
export function closest(name: string, juju: string): string {
  const sorted = names(juju).sort();
  const best = Math.min(...sorted.map((known) => distance(name, known)));
  return sorted.find((known) => distance(name, known) === best) ?? "";
}
