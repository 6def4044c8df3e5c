"""Drawn shoes: twelve kinds, each varied in proportions and details by the seed."""

import numpy as np

from pix2pix.drawings.last import Lift, View
from pix2pix.drawings.page import Page, Role
from pix2pix.drawings.shoe_parts import Shoe, at_share


def _rows(rng, rows, heights=(0.9, 1.12), widths=(0.92, 1.1)):
    rows = np.array(rows, float)
    rows[:, [1, 3]] *= rng.uniform(*heights)
    rows[:, 4] *= rng.uniform(*widths)
    return rows


def flat(depth):
    return lambda x: depth + 0 * x


def _sneaker(page, view):
    rng = page.rng
    rows = _rows(rng, [(.03,.00,.96,.00,.165),(.00,.05,.99,.06,.18),(.025,.11,1.0,.12,.18),(.11,.165,.99,.18,.17),(.25,.215,.98,.23,.155),(.39,.29,.97,.285,.13),(.50,.36,.965,.345,.105)])
    shoe = Shoe(page, view, rows, Lift(0, .015), toe=rng.uniform(.55,.75), dip=rng.uniform(.05,.09))
    shoe.draw_upper()
    shoe.tongue(rng.uniform(.06,.1), .42)
    b = rng.uniform(.58,.68)
    shoe.throat(b, .28, .42)
    if rng.random()<.7: shoe.seam((1,.22),(.8,.2),(.62,.12),(.52,.0),(.5,-.05))
    if rng.random()<.7: shoe.seam((0,.66),(.35,.72),(.7,.8),(.8,1.0))
    if rng.random()<.5: shoe.toe_cap(.48,.3)
    shoe.laces(b,.3,.5,int(rng.integers(4,6)),bool(rng.random()<.5))
    shoe.draw_sole(flat(rng.uniform(.03,.06)), .045, seams=[.35] if rng.random()<.5 else [])
    return shoe

def _boot(page, view):
    rng = page.rng
    rows=_rows(rng,[(.03,.00,.96,.00,.15),(.00,.05,.985,.06,.165),(.05,.12,.995,.13,.165),(.2,.19,.98,.22,.145),(.36,.29,.96,.32,.12),(.45,.45,.945,.48,.115),(.47,.68,.965,.70,.13),(.45,.95,1.0,.97,.15)])
    shoe=Shoe(page,view,rows,Lift(rng.uniform(.05,.1),.015),toe=rng.uniform(.6,.9),dip=0)
    shoe.draw_heel(.03,(.72,.98),(.72,.95),(.12,.11))
    shoe.draw_upper()
    shoe.draw_sole(flat(.03),0.0)
    return shoe

def _pump(page, view):
    rng = page.rng
    rows=[(.03,.00,.95,.00,.12),(.0,.035,.98,.07,.135),(.05,.075,.99,.14,.13),(.12,.1,.98,.2,.12),(.19,.115,.965,.25,.105)]
    h=rng.uniform(.2,.34)
    shoe=Shoe(page,view,rows,Lift(h,.015),toe=rng.uniform(.9,1.2),heel=.65,dip=rng.uniform(.08,.12))
    back=float(shoe.lift(np.array([.98,0,0]))[0])
    shoe.draw_heel(.02,(.82,.985),(back-.075,back-.03),(.075,.018),bend=-.6)
    shoe.draw_upper(lining=False); shoe.draw_insole()
    shoe.draw_sole(flat(.02),.0,margin=.006)
    return shoe

SHOE_KINDS={"sneaker":_sneaker,"boot":_boot,"pump":_pump}
