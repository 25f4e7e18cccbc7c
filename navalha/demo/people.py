"""Who can log in to the demo. Stable, so that scripts and guides can rely on them."""

PASSWORD = "navalha-demo"  # noqa: S105 - of people who exist only in the demo
OWNER = "dono@navalha.example"
OTHER_OWNER = "dona@navalha.example"
BARBER = "barbeiro@navalha.example"
OPERATOR = "operador@navalha.example"
SHOP = "barbearia-do-ze"
OTHER_SHOP = "studio-bela"
TEAM_PHONES = ("+5511977770001", "+5531977770002")  # where the two shops get their notices
ROLES = {
    OWNER: "dono da Barbearia do Zé",
    OTHER_OWNER: "dona do Studio Bela",
    BARBER: "barbeiro da Barbearia do Zé",
    OPERATOR: "operador do Navalha",
}
