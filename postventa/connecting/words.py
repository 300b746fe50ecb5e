"""What merchants read about connecting: one sentence for each finding of a look at a shop, what is so and what to do. Spanish is the source.

The names are those of `connectors/shops/woocommerce/findings.py`; the translations stand in `locale/<language>/connecting.po`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from postventa.locale import translate

SENTENCES = {
    # where the shop is
    "site-found": "Hemos encontrado tu tienda en {url}.",
    "moved": "Tu tienda está en {url}. Usaremos esa dirección.",
    "subfolder": "WordPress está en {url}, no donde habías escrito. Usaremos esa dirección.",
    "address-unreadable": "Esto no parece la dirección de una tienda. Cópiala de tu navegador, por ejemplo https://mitienda.es.",
    "address-not-public": "No podemos llegar a {host} desde internet. Revisa que la dirección esté bien escrita y que empiece por https.",
    "unreachable": "{host} no responde. Comprueba que tu tienda se abre en el navegador y vuelve a intentarlo en unos minutos.",
    "no-https": "{host} no funciona con https. Activa el certificado SSL en tu hosting y pon https en Ajustes → Generales.",
    "sent-elsewhere": "{host} nos envía a {other}. Si esa es tu tienda, escribe esa dirección.",
    "sent-in-circles": "{host} redirige sin fin. Pide a tu hosting que revise las redirecciones (www, https, idioma).",
    "no-wordpress": "En {url} no encontramos WordPress. Escribe la dirección de la tienda, con su carpeta si la tiene.",
    "no-woocommerce": "En {url} hay WordPress, pero WooCommerce no está activo. Actívalo en Plugins.",
    "plain-permalinks": "Tus enlaces permanentes son «Simples», y así WooCommerce no acepta claves. En Ajustes → Enlaces permanentes elige "
    "«Nombre de la entrada» y guarda.",
    "api-off": "La API REST de WordPress está desactivada o limitada ({code}). Permítela en tu plugin de seguridad.",
    "api-missing": "En {url} hay WordPress, pero su API no aparece en /wp-json/. Ve a Ajustes → Enlaces permanentes y guarda otra vez; si sigue "
    "igual, revisa tu plugin de seguridad.",
    # what stands in front of it
    "firewall": "{who} nos toma por un robot y no nos deja pasar. Permite en {who} las peticiones de Postventa a /wp-json/.",
    "blocked": "Tu servidor nos cierra el paso a /wp-json/. Pide a tu hosting que lo permita y revisa tu plugin de seguridad.",
    "maintenance": "Tu tienda está en mantenimiento. Vuelve a intentarlo cuando esté abierta.",
    "login-wall": "Tu tienda pide una contraseña antes de dejar entrar. Quítala o deja libre /wp-json/.",
    "not-json": "La API de {url} responde con otra cosa, casi siempre el aviso de un plugin. Pide a quien la mantiene que apague WP_DEBUG_DISPLAY.",
    "slow-down": "Tu tienda nos pide ir más despacio. Vuelve a intentarlo dentro de {seconds} segundos.",
    "shop-trouble": "Tu tienda tiene un error interno. Mira si se abre en el navegador y, si no, avisa a tu hosting.",
    # its certificate and its clock
    "certificate-expired": "El certificado SSL de {host} ha caducado. Renuévalo en tu hosting.",
    "certificate-other-name": "El certificado SSL de {host} es de otro dominio. Pide a tu hosting uno para {host}.",
    "certificate-self-signed": "El certificado SSL de {host} no está firmado por nadie de confianza. Instala otro, por ejemplo el gratuito de "
    "Let's Encrypt.",
    "certificate-chain": "El certificado SSL de {host} llega incompleto. Pide a tu hosting que instale también los certificados intermedios.",
    "certificate-tls": "La conexión segura con {host} no funciona. Pide a tu hosting que revise SSL (TLS 1.2 o posterior).",
    "clock-off": "El reloj de tu servidor se desvía {minutes} minutos. Pide a tu hosting que lo ponga en hora.",
    # the keys
    "keys-work": "Las claves funcionan.",
    "keys-malformed": "Esto no parecen claves de WooCommerce: una empieza por ck_ y la otra por cs_. Cópialas otra vez.",
    "keys-unknown": "Tu tienda no reconoce estas claves. Crea otras en WooCommerce → Ajustes → Avanzado → API REST.",
    "secret-wrong": "La clave existe, pero su secreto no coincide o no permite leer. Crea otra con permisos de «Lectura/Escritura».",
    "rights-missing": "El usuario de las claves no puede ver los pedidos. Créalas para un administrador o un gestor de la tienda.",
    "header-dropped": "Tu servidor descarta la cabecera Authorization. No tienes que hacer nada: enviamos las claves de otra forma, también cifrada.",
    "behind-proxy": "WordPress cree que está en http y no mira las claves. Pon https en Ajustes → Generales; con un proxy delante, WordPress tiene "
    "que leer X-Forwarded-Proto en wp-config.php.",
    "read-only-key": "Las claves son de solo lectura y no podremos crear ni reparar los webhooks. Mejor con «Lectura/Escritura».",
    "webhooks-not-allowed": "El usuario de las claves no puede gestionar webhooks. Usa un administrador o un gestor de la tienda.",
    "woocommerce-old": "WooCommerce {version} es demasiado antiguo. Actualízalo a la versión 5.8 o posterior.",
    # connecting with one click
    "callback-missing": "Para conectar con un clic hace falta la dirección pública de Postventa (public_url). También puedes pegar las claves.",
    "callback-not-https": "WooCommerce solo envía claves a direcciones https, y public_url no lo es. Cámbiala o pega las claves.",
    "callback-at-home": "Tu tienda no puede llegar a public_url, que es de una red privada. Cámbiala o pega las claves.",
    "callback-port": "WordPress solo llama a los puertos 443, 80 y 8080, y public_url usa otro. Cámbialo o pega las claves.",
    "approval-denied": "No has dado permiso en tu tienda. Puedes intentarlo otra vez cuando quieras.",
    "already-connected": "Esta tienda ya está conectada a Postventa.",
    "approval-unknown": "Este permiso ya se usó, ha caducado o no es tuyo. Empieza otra vez, por favor.",
}


def sentence(name: str, language: str, facts: Mapping[str, str] | None = None) -> str:
    """The sentence for a finding in `language`, with its facts. Raises `KeyError` for a name that is not listed."""
    known = facts or {}
    return re.sub(r"\{(\w+)\}", lambda found: known.get(found.group(1), found.group(0)), translate(language, SENTENCES[name]))
