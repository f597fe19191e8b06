"""Functions that have no derivative here, with the reason."""

from __future__ import annotations

from scipy import special

from ...tape.rules import declare

_SEARCHED = "SciPy finds this parameter of a distribution by a search, and has no function for its derivative"
_SUMMED = "its derivative is not made of SciPy's functions"
_NOT_ANALYTIC = "SciPy scales it by a function that is not analytic; use scipy.special.airy"

declare(
    *(special.bdtrik, special.bdtrin, special.btdtria, special.btdtrib, special.chdtriv, special.chndtridf),
    *(special.chndtrinc, special.fdtridfd, special.gdtria, special.gdtrib, special.nbdtrik),
    *(special.nbdtrin, special.ncfdtri, special.ncfdtridfd, special.ncfdtridfn, special.ncfdtrinc),
    *(special.nctdtridf, special.nctdtrinc, special.nctdtrit, special.pdtrik, special.stdtridf),
    refusal=_SEARCHED,
)
declare(
    *(special.ncfdtr, special.nctdtr, special.kolmogorov, special.kolmogi, special.smirnov),
    *(special.smirnovi, special.besselpoly, special.zetac, special.elliprg, special.elliprj, special.modfresnelm),
    *(special.modfresnelp, special.mathieu_a, special.mathieu_b, special.mathieu_cem, special.mathieu_sem),
    *(special.mathieu_modcem1, special.mathieu_modcem2, special.mathieu_modsem1, special.mathieu_modsem2),
    *(special.obl_ang1, special.obl_ang1_cv, special.obl_cv, special.obl_rad1, special.obl_rad1_cv),
    *(special.obl_rad2, special.obl_rad2_cv, special.pro_ang1, special.pro_ang1_cv, special.pro_cv),
    *(special.pro_rad1, special.pro_rad1_cv, special.pro_rad2, special.pro_rad2_cv),
    refusal=_SUMMED,
)
declare(special.kelvin, refusal="use ber, bei, ker and kei, and their derivatives berp, beip, kerp and keip")
declare(special.airye, refusal=_NOT_ANALYTIC)
