# The types of the public names; `__init__.py` imports each of them when it is first used.

from engine.cycle.judge import Judge as Judge
from engine.cycle.judging.situation import Situation as Situation
from engine.cycle.rejudge import rejudge as rejudge
from engine.errors import Diagnostic as Diagnostic
from engine.errors import MandateError as MandateError
from engine.errors import Place as Place
from engine.errors import Severity as Severity
from engine.ledger.verify import verify as verify
from engine.model.decisions import Decision as Decision
from engine.model.decisions import Reason as Reason
from engine.model.decisions import ReasonCode as ReasonCode
from engine.model.decisions import Verdict as Verdict
from engine.model.orders import ApprovedOrder as ApprovedOrder
from engine.model.orders import Intent as Intent
from engine.model.orders import Mode as Mode
from engine.model.orders import OrderIntent as OrderIntent
from engine.policyset.opening import Loaded as Loaded
from engine.policyset.opening import load_policy_set as load_policy_set
from engine.policyset.policyset import PolicySet as PolicySet
from engine.run import RunSettings as RunSettings
from engine.run import Session as Session
from engine.run import prepare as prepare
from engine.run.simulating import simulate as simulate
from engine.simulation.frames import frames as frames
from engine.simulation.result import Simulation as Simulation
from engine.simulation.terms import Terms as Terms
