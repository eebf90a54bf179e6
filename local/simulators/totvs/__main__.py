"""`python -m local.simulators.totvs PORT`: the simulated ERP; user and password come by the environment."""

import os
import sys

from local.simulators.totvs.server import Simulator

Simulator(int(sys.argv[1]), os.environ["TOTVS_USERNAME"], os.environ["TOTVS_PASSWORD"]).serve_with_absences()
