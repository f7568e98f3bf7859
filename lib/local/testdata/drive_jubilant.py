"""Drives the local model through jubilant: deploy, integrate, config, run, exec, wait, refresh, remove.

Usage: drive_jubilant.py CHARM IMAGE. The juju command is found on PATH.
"""

import sys

import jubilant

charm, image = sys.argv[1:]
juju = jubilant.Juju(wait_timeout=60)

juju.add_model('peers')
assert juju.model == 'peers', juju.model
assert juju.version().major in (3, 4)

for app in ('one', 'two'):
    juju.deploy(charm, app, resources={'app-image': image})
status = juju.wait(lambda s: jubilant.all_active(s, 'one', 'two'), delay=0.1, successes=1)
assert status.apps['one'].charm_name == 'hello'
assert status.apps['one'].units['one/0'].leader

juju.integrate('one:upstream', 'two:site')
status = juju.wait(
    lambda s: jubilant.all_agents_idle(s) and 'upstream' in s.apps['one'].relations, delay=0.1, successes=1
)
assert status.apps['one'].relations['upstream'][0].related_app == 'two'
unit = juju.show_unit('one/0')
assert any(info.endpoint == 'upstream' for info in unit.relation_info), unit

juju.config('one', {'message': 'from jubilant'})
assert juju.config('one')['message'] == 'from jubilant'
juju.wait(lambda s: s.apps['one'].app_status.message == 'from jubilant', delay=0.1, successes=1)
juju.config('one', reset='message')
assert juju.config('one')['message'] == 'hi'
try:
    juju.config('one', {'bogus': 1})
except jubilant.CLIError as error:
    assert 'unknown option "bogus"' in error.stderr, error.stderr
else:
    raise AssertionError('an unknown option was taken')

task = juju.run('one/0', 'greet', {'name': 'Ada'})
assert task.status == 'completed' and task.results['greeting'] == 'hello Ada', task
task = juju.run('one/leader', 'greet')
assert task.results['greeting'] == 'hello you', task
try:
    juju.run('one/0', 'nope')
except ValueError:
    pass
else:
    raise AssertionError('an unknown action was taken')

assert juju.exec('is-leader', unit='one/0').stdout.strip() == 'True'
try:
    juju.exec('exit 3', unit='one/0')
except jubilant.TaskError as error:
    assert error.task.return_code == 3, error
else:
    raise AssertionError('a failing command was taken')

juju.add_unit('two')
juju.wait(lambda s: len(s.apps['two'].units) == 2 and jubilant.all_active(s, 'two'), delay=0.1, successes=1)
juju.remove_unit('two', num_units=1)
juju.wait(lambda s: len(s.apps['two'].units) == 1, delay=0.1, successes=1)

juju.refresh('one', path=charm)
juju.wait(lambda s: s.apps['one'].charm_rev == 2 and jubilant.all_active(s, 'one'), delay=0.1, successes=1)
juju.trust('one', scope='cluster')
juju.trust('one', remove=True)
assert juju.model_config()['update-status-hook-interval'] == '5m'
assert juju.show_model('peers').name.endswith('/peers')
assert 'one' in juju.debug_log(limit=50)

juju.remove_relation('one:upstream', 'two:site')
juju.wait(lambda s: 'upstream' not in s.apps['one'].relations, delay=0.1, successes=1)
juju.remove_application('one', 'two')
juju.wait(lambda s: not s.apps, delay=0.1, successes=1)
juju.destroy_model('peers', force=True, destroy_storage=True)
print('done')
