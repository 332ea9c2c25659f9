"""The whole archive for programs: OAI-PMH for those that stay up to date, dumps for those that take all."""
