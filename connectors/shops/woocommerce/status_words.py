"""What shops call the steps of an order, in nine languages: the table behind `suggest.py`.

Small letters, without accents. Longer phrases beat shorter ones within a label, so that "pendiente de envio" is not read as "envio".
"""

from __future__ import annotations

from collections.abc import Mapping

from postventa.events import Step

SLUGS: Mapping[str, Step] = {
    "delivered": Step.DELIVERED,
    "entregado": Step.DELIVERED,
    "shipped": Step.SHIPPED,
    "enviado": Step.SHIPPED,
    "out-for-delivery": Step.OUT_FOR_DELIVERY,
    "en-reparto": Step.OUT_FOR_DELIVERY,
    "ready-pickup": Step.READY_FOR_PICKUP,
    "ready-for-pickup": Step.READY_FOR_PICKUP,
    "preparando": Step.PREPARED,
    "packed": Step.PREPARED,
}
"""Slugs that plugins use for one thing only."""

PHRASES: Mapping[Step, Mapping[str, tuple[str, ...]]] = {
    Step.PREPARED: {
        "es": ("preparando", "en preparacion", "preparado", "preparacion", "embalado", "empaquetado", "listo para enviar", "listo para envio",
               "pendiente de envio", "pendiente de enviar", "en almacen"),
        "ca": ("preparant", "en preparacio", "preparat", "embalat", "llest per enviar", "a punt per enviar", "pendent d'enviament"),
        "gl": ("preparando", "en preparacion", "preparado", "embalado", "listo para enviar", "pendente de envio"),
        "eu": ("prestatzen", "prestatua", "prestaketan", "paketatuta", "bidaltzeko prest", "bidaltzeko zain"),
        "pt": ("em preparacao", "a preparar", "preparado", "embalado", "pronto para envio", "pronto para enviar", "aguardando envio",
               "a aguardar envio"),
        "en": ("preparing", "in preparation", "prepared", "packed", "packing", "being packed", "picking", "ready to ship", "awaiting shipment",
               "awaiting shipping", "ready for shipping"),
        "fr": ("en preparation", "en cours de preparation", "prepare", "preparee", "emballe", "pret a expedier", "en attente d'expedition"),
        "de": ("in vorbereitung", "wird vorbereitet", "vorbereitet", "verpackt", "gepackt", "versandbereit", "bereit zum versand",
               "wartet auf versand"),
        "it": ("in preparazione", "preparato", "imballato", "pronto per la spedizione", "in attesa di spedizione", "da spedire"),
    },
    Step.SHIPPED: {
        "es": ("enviado", "pedido enviado", "expedido", "despachado", "en transito", "en camino", "en ruta"),
        "ca": ("enviat", "expedit", "en transit", "en cami"),
        "gl": ("enviado", "expedido", "en transito", "en camino"),
        "eu": ("bidalita", "bidalia", "bidean", "garraioan"),
        "pt": ("enviado", "expedido", "despachado", "em transito", "a caminho"),
        "en": ("shipped", "dispatched", "despatched", "sent", "in transit", "on its way", "on the way"),
        "fr": ("expedie", "expediee", "envoye", "envoyee", "en transit", "en chemin"),
        "de": ("versandt", "versendet", "verschickt", "unterwegs", "im versand"),
        "it": ("spedito", "inviato", "evaso", "in transito", "in viaggio"),
    },
    Step.OUT_FOR_DELIVERY: {
        "es": ("en reparto", "en distribucion", "sale a reparto"),
        "ca": ("en repartiment", "en distribucio"),
        "gl": ("en reparto", "en reparticion"),
        "eu": ("banaketan", "banatzen"),
        "pt": ("em distribuicao", "saiu para entrega", "em entrega"),
        "en": ("out for delivery", "with the driver"),
        "fr": ("en cours de livraison", "en livraison"),
        "de": ("in zustellung", "wird zugestellt"),
        "it": ("in consegna",),
    },
    Step.READY_FOR_PICKUP: {
        "es": ("listo para recoger", "listo para recogida", "disponible para recoger", "disponible en tienda"),
        "ca": ("llest per recollir", "a punt per recollir", "disponible per recollir"),
        "gl": ("listo para recoller", "disponible para recoller"),
        "eu": ("jasotzeko prest", "hartzeko prest"),
        "pt": ("pronto para recolha", "pronto para levantamento", "pronto para retirada", "disponivel para levantamento"),
        "en": ("ready for pickup", "ready for pick up", "ready to collect", "ready for collection", "available for pickup"),
        "fr": ("pret a etre retire", "pret pour retrait", "disponible en magasin", "pret au retrait"),
        "de": ("abholbereit", "bereit zur abholung", "zur abholung bereit"),
        "it": ("pronto per il ritiro", "disponibile per il ritiro"),
    },
    Step.DELIVERED: {
        "es": ("entregado", "pedido entregado", "recibido por el cliente"),
        "ca": ("entregat", "lliurat"),
        "gl": ("entregado",),
        "eu": ("entregatuta", "entregatua", "emanda"),
        "pt": ("entregue",),
        "en": ("delivered", "received by customer"),
        "fr": ("livre", "livree", "remis"),
        "de": ("zugestellt", "geliefert", "ausgeliefert"),
        "it": ("consegnato",),
    },
    Step.RETURN_REQUESTED: {
        "es": ("devolucion solicitada", "solicitud de devolucion", "devolucion pedida"),
        "ca": ("devolucio sollicitada", "sollicitud de devolucio"),
        "gl": ("devolucion solicitada",),
        "eu": ("itzulketa eskatuta",),
        "pt": ("devolucao solicitada", "pedido de devolucao"),
        "en": ("return requested", "return request"),
        "fr": ("retour demande", "demande de retour"),
        "de": ("rucksendung angefragt", "retoure angefragt", "rucksendung beantragt"),
        "it": ("reso richiesto", "richiesta di reso"),
    },
}  # fmt: skip

DOUBT = frozenset({
    "no", "not", "non", "nao", "nicht", "pas", "ez", "sin", "sense", "without", "ohne", "sans", "senza", "sem",
    "partially", "partial", "parcialmente", "parcial", "parcialment", "partiellement", "partiel", "teilweise", "teil", "parzialmente", "parziale",
    "partzialki", "fallido", "fallida", "failed", "fallit", "fehlgeschlagen", "echec", "fallito", "falhado", "intento", "attempt",
    "cancelado", "cancelled", "canceled", "devuelto", "returned",
})  # fmt: skip
"""Words that turn a label into something else: then it stays unknown."""
