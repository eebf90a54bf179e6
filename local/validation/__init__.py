"""`make validacao`: docs/validacao.md and docs/qualificacao, from the tests' names and the results of their last runs.

- `collecting`: the tests, and the promise each one's name carries
- `results`: what their last runs said (JUnit XML in .local/junit)
- `requirements`: what is asked, by whom, and how it is met
- `protocols`: the steps of the installation's and the operation's qualification
- `writing`: the documents
"""
