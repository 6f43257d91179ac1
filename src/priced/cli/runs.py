"""x"""
def add_to(verbs):
    verbs.add_parser("runs")
