<?php
/**
 * How the shop and Postventa stand: by the webhooks that Postventa made in WooCommerce, which also hold the secret with which the shop signs.
 *
 * Nothing here has to be copied by hand, and whatever Postventa changes (a new secret, a webhook put back) counts at once.
 *
 * @package Postventa
 */

namespace Postventa;

defined( 'ABSPATH' ) || exit;

const PATIENCE = 15;

/**
 * WooCommerce's webhooks that deliver to the Postventa of the settings.
 *
 * @return \WC_Webhook[]
 */
function webhooks() {
	$address = settings()['address'];
	if ( '' === $address || ! class_exists( '\\WC_Data_Store' ) || ! function_exists( 'wc_get_webhook' ) ) {
		return array();
	}
	$found = array();
	foreach ( \WC_Data_Store::load( 'webhook' )->get_webhooks_ids() as $id ) {
		$webhook = wc_get_webhook( $id );
		if ( $webhook && 0 === strpos( $webhook->get_delivery_url(), $address . '/webhooks/woocommerce/' ) ) {
			$found[] = $webhook;
		}
	}
	return $found;
}

/**
 * `unset` (no address yet), `apart` (not connected), `partly` (some webhook is off) or `together`; and how many webhooks there are and work.
 *
 * @return array
 */
function state() {
	$all    = webhooks();
	$active = array_filter(
		$all,
		function ( $webhook ) {
			return 'active' === $webhook->get_status();
		}
	);
	$name   = '' === settings()['address'] ? 'unset' : ( ! $all ? 'apart' : ( count( $active ) < count( $all ) ? 'partly' : 'together' ) );
	return array(
		'name'   => $name,
		'all'    => count( $all ),
		'active' => count( $active ),
	);
}

/**
 * Where the merchant connects this shop: Postventa's own page, with the shop's address filled in. The address is all that it is told.
 *
 * @return string
 */
function connect_url() {
	return settings()['address'] . '/shops/connect/woocommerce?url=' . rawurlencode( home_url( '/' ) );
}

/**
 * Pass something on to Postventa, as a delivery that the shop signed. Only called from the administration.
 *
 * @param string $topic What it is.
 * @param array  $body  What it says.
 * @return true|\WP_Error True: Postventa has it in its books.
 */
function pass_on( $topic, $body ) {
	$webhooks = webhooks();
	if ( ! $webhooks ) {
		return new \WP_Error( 'postventa_apart', __( 'This shop is not connected with Postventa yet (WooCommerce > Postventa), so the request could not be passed on.', 'postventa' ) );
	}
	$payload  = wp_json_encode( $body );
	$response = wp_safe_remote_post(
		$webhooks[0]->get_delivery_url(),
		array(
			'timeout'     => PATIENCE,
			'redirection' => 0,
			'headers'     => array(
				'Content-Type'             => 'application/json',
				'X-WC-Webhook-Source'      => home_url( '/' ),
				'X-WC-Webhook-Topic'       => $topic,
				'X-WC-Webhook-Signature'   => $webhooks[0]->generate_signature( $payload ),
				'X-WC-Webhook-Delivery-ID' => md5( $topic . $payload ),
			),
			'body'        => $payload,
		)
	);
	$said     = is_wp_error( $response ) ? $response->get_error_message() : 'HTTP ' . wp_remote_retrieve_response_code( $response );
	if ( ! is_wp_error( $response ) && 200 === (int) wp_remote_retrieve_response_code( $response ) ) {
		return true;
	}
	/* translators: %s: what went wrong, in technical words. */
	return new \WP_Error( 'postventa_away', sprintf( __( 'Postventa did not take the request (%s). Nothing is lost: try again in a moment.', 'postventa' ), $said ) );
}
