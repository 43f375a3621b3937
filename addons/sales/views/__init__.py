"""The addresses of sales that are not generated from a screen."""

from __future__ import annotations

from addons.sales.views import losing, worksheet
from core import Route

POST = ("POST",)


def routes() -> list[Route]:
    """Moving a worksheet through the stages, winning or losing it."""
    return [
        Route("/sales/board/move", "board_move", worksheet.board_move, POST, right="sales.worksheet.move"),
        Route("/sales/<int:record_id>/move", "move", worksheet.move, POST, right="sales.worksheet.move"),
        Route("/sales/<int:record_id>/lose", "lose_form", losing.show, right="sales.worksheet.move", menu="sales"),
        Route("/sales/<int:record_id>/lose", "lose", losing.lose, POST, right="sales.worksheet.move", menu="sales"),
    ]
