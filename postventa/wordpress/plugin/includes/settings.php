<?php
/**
 * What the merchant sets: where Postventa is, and what the shop is called there.
 *
 * @package Postventa
 */

namespace Postventa;

defined( 'ABSPATH' ) || exit;

const OPTION   = 'postventa_settings';
const DEFAULTS = array(
	'address' => '',
	'pages'   => '',
	'shop'    => '',
	'orders'  => true,
	'footer'  => true,
);

/**
 * The settings: `address` of the service, `pages` (another address for the customers' pages, or empty), `shop` (its public name there), `orders`
 * (links at orders), `footer` (the withdrawal link at the foot of every page).
 *
 * @return array
 */
function settings() {
	$stored = get_option( OPTION, array() );
	$known  = array_merge( DEFAULTS, is_array( $stored ) ? array_intersect_key( $stored, DEFAULTS ) : array() );
	return '' === $known['address'] || '' === $known['shop'] ? array_merge( $known, preset() ) : $known;
}

/**
 * What the merchant need not type in, where the plugin was downloaded from the shop's page in Postventa: its `preset.php`. In another shop than the one
 * that it was made for (a copy to try things out, a second shop) the address of Postventa is all that counts.
 *
 * @return array
 */
function preset() {
	$file  = dirname( FILE ) . '/preset.php';
	$said  = is_readable( $file ) ? include $file : array();
	$clean = array_filter(
		array(
			'address' => isset( $said['address'] ) ? address_of( $said['address'] ) : '',
			'pages'   => isset( $said['pages'] ) ? address_of( $said['pages'] ) : '',
			'shop'    => isset( $said['shop'] ) ? public_name_of( $said['shop'] ) : '',
		)
	);
	return isset( $said['home'] ) && place_of( $said['home'] ) === place_of( home_url( '/' ) ) ? $clean : array_intersect_key( $clean, array( 'address' => '' ) );
}

/**
 * Keep what the plugin came with, so that it stays when a newer one comes without it.
 */
function keep_preset() {
	if ( array() !== preset() ) {
		update_option( OPTION, settings() );
	}
}

/**
 * What the form sent, cleaned; what cannot be right is said and stays as it was.
 *
 * @param mixed $sent The form's fields.
 * @return array
 */
function sanitise( $sent ) {
	$sent  = is_array( $sent ) ? $sent : array();
	$clean = settings();
	foreach ( array( 'address', 'pages' ) as $field ) {
		$typed = isset( $sent[ $field ] ) && is_string( $sent[ $field ] ) ? trim( $sent[ $field ] ) : '';
		$found = address_of( $typed );
		if ( '' !== $typed && '' === $found ) {
			add_settings_error( OPTION, $field, __( 'That address cannot be used. It has to look like https://postventa.example.', 'postventa' ) );
			continue;
		}
		$clean[ $field ] = $found;
	}
	$typed = isset( $sent['shop'] ) && is_string( $sent['shop'] ) ? trim( $sent['shop'] ) : '';
	$found = public_name_of( $typed );
	if ( '' !== $typed && '' === $found ) {
		add_settings_error( OPTION, 'shop', __( 'That is no public name of a shop. Postventa shows it on the page of your shop.', 'postventa' ) );
	} else {
		$clean['shop'] = $found;
	}
	$clean['orders'] = ! empty( $sent['orders'] );
	$clean['footer'] = ! empty( $sent['footer'] );
	if ( '' !== $clean['address'] && false === wp_http_validate_url( $clean['address'] ) ) {
		add_settings_error( OPTION, 'reach', __( 'Saved. But WordPress does not call that address: it has to be a public one, on port 443, 80 or 8080. Until then your shop tells Postventa nothing.', 'postventa' ), 'warning' );
	}
	return $clean;
}

/**
 * What an address means, however it is written: its host without `www.`, and its folder.
 *
 * @param string $url An address.
 * @return string
 */
function place_of( $url ) {
	$host = strtolower( (string) wp_parse_url( $url, PHP_URL_HOST ) );
	return preg_replace( '/\Awww\./', '', $host ) . rtrim( (string) wp_parse_url( $url, PHP_URL_PATH ), '/' );
}

/**
 * The beginning of a web address, up to its port; empty for what is none, and for one without encryption that leads to another machine.
 *
 * @param string $typed Any address of the service, also that of one of its pages.
 * @return string
 */
function address_of( $typed ) {
	$typed = false === strpos( $typed, '://' ) && '' !== $typed ? 'https://' . $typed : $typed;
	$parts = wp_parse_url( $typed );
	if ( ! is_array( $parts ) || empty( $parts['scheme'] ) || empty( $parts['host'] ) || isset( $parts['user'] ) || isset( $parts['pass'] ) ) {
		return '';
	}
	$host   = strtolower( $parts['host'] );
	$scheme = strtolower( $parts['scheme'] );
	if ( ! preg_match( '/\A(?:[a-z0-9-]+\.)*[a-z0-9-]+\z/', $host ) || ! ( 'https' === $scheme || ( 'http' === $scheme && is_this_machine( $host ) ) ) ) {
		return '';
	}
	return $scheme . '://' . $host . ( isset( $parts['port'] ) ? ':' . (int) $parts['port'] : '' );
}

/**
 * Whether a host is this very machine, where nothing has to be encrypted.
 *
 * @param string $host In small letters.
 * @return bool
 */
function is_this_machine( $host ) {
	return in_array( $host, array( 'localhost', '127.0.0.1' ), true ) || '.localhost' === substr( $host, -10 );
}

/**
 * A shop's public name, from the name itself or from the address of one of its pages.
 *
 * @param string $typed Such as `zapateria-mara-7kqxvp`.
 * @return string Empty for what is none.
 */
function public_name_of( $typed ) {
	if ( preg_match( '#/(?:track|returns|withdraw)/([a-z0-9-]+)/?(?:[?\#].*)?\z#', $typed, $found ) ) {
		$typed = $found[1];
	}
	return preg_match( '/\A[a-z0-9](?:[a-z0-9-]{0,118}[a-z0-9])?\z/', $typed ) ? $typed : '';
}
