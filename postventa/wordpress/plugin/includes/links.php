<?php
/**
 * Where customers meet Postventa: their orders, the page after an order, the foot of every page, and wherever the merchant puts a link.
 *
 * @package Postventa
 */

namespace Postventa;

defined( 'ABSPATH' ) || exit;

const PAGES = array( 'track', 'returns', 'withdraw' );

/**
 * Statuses of orders that are none yet, or none any more.
 */
const NO_ORDER = array( 'pending', 'failed', 'cancelled', 'checkout-draft', 'trash' );

/**
 * Where `order_box` shows the links: newer versions of WooCommerce put an order's buttons there too.
 */
const BOXES = array( 'woocommerce_thankyou', 'woocommerce_view_order' );

add_filter( 'woocommerce_my_account_my_orders_actions', __NAMESPACE__ . '\\account_actions', 20, 2 );
foreach ( BOXES as $postventa_place ) {
	add_action( $postventa_place, __NAMESPACE__ . '\\order_box', 30 );
}
add_action( 'wp_footer', __NAMESPACE__ . '\\footer_link' );
add_shortcode( 'postventa_link', __NAMESPACE__ . '\\shortcode' );

/**
 * The address of a page.
 *
 * @param string $page   One of `PAGES`.
 * @param string $number The order's number as the customer knows it, so that nobody has to type it; nothing else about anybody goes into an address.
 * @return string Empty while the settings do not say where.
 */
function page_url( $page, $number = '' ) {
	$known = settings();
	$base  = '' !== $known['pages'] ? $known['pages'] : $known['address'];
	if ( '' === $base || '' === $known['shop'] || ! in_array( $page, PAGES, true ) ) {
		return '';
	}
	$url = $base . '/' . $page . '/' . rawurlencode( $known['shop'] );
	return '' !== $number ? $url . '?number=' . rawurlencode( $number ) : $url;
}

/**
 * What the link to a page says. For the withdrawal these are the words of the law.
 *
 * @param string $page One of `PAGES`.
 * @return string
 */
function words( $page ) {
	$known = array(
		'track'    => __( 'Follow my order', 'postventa' ),
		'returns'  => __( 'Return something', 'postventa' ),
		/* translators: the words that Directive 2011/83/EU, art. 11a(1), gives in your language. */
		'withdraw' => __( 'Withdraw from contract here', 'postventa' ),
	);
	return isset( $known[ $page ] ) ? $known[ $page ] : '';
}

/**
 * The links that an order has: page => array( url, name ).
 *
 * @param \WC_Order $order Any order.
 * @return array
 */
function order_links( $order ) {
	$links  = array();
	$status = $order->get_status();
	foreach ( in_array( $status, NO_ORDER, true ) ? array() : PAGES as $page ) {
		$url = page_url( $page, (string) $order->get_order_number() );
		if ( '' !== $url && ( 'track' === $page || 'refunded' !== $status ) ) {
			$links[ $page ] = array(
				'url'  => $url,
				'name' => words( $page ),
			);
		}
	}
	/**
	 * What a shop wants to show at an order: take a link away, or change its words.
	 *
	 * @param array     $links The links.
	 * @param \WC_Order $order The order.
	 */
	return (array) apply_filters( 'postventa_order_links', $links, $order );
}

/**
 * The buttons in the customer's list of orders.
 *
 * @param array     $actions WooCommerce's own and other plugins'.
 * @param \WC_Order $order   The order.
 * @return array
 */
function account_actions( $actions, $order ) {
	if ( settings()['orders'] && ! array_filter( BOXES, 'doing_action' ) ) {
		foreach ( order_links( $order ) as $page => $link ) {
			/* translators: 1: what the button does, 2: the order's number. */
			$spoken                          = sprintf( __( '%1$s: order %2$s', 'postventa' ), $link['name'], $order->get_order_number() );
			$actions[ 'postventa_' . $page ] = array(
				'url'        => $link['url'],
				'name'       => $link['name'],
				'aria-label' => $spoken,
			);
		}
	}
	return $actions;
}

/**
 * The same on the page after an order, and on the order's own page. WooCommerce has made sure by then that its customer is looking.
 *
 * @param int $order_id The order.
 */
function order_box( $order_id ) {
	$order = settings()['orders'] ? wc_get_order( $order_id ) : false;
	$links = $order ? order_links( $order ) : array();
	if ( ! $links ) {
		return;
	}
	echo '<section class="postventa-order"><h2>' . esc_html__( 'Your order from here on', 'postventa' ) . '</h2><p>';
	foreach ( $links as $page => $link ) {
		printf( '<a class="%1$s postventa-%2$s" style="display:inline-block;margin:0 .5em .5em 0" href="%3$s">%4$s</a>', esc_attr( button() ), esc_attr( $page ), esc_url( $link['url'] ), esc_html( $link['name'] ) );
	}
	echo '</p></section>';
}

/**
 * What makes a link look like the theme's buttons: themes made of blocks have a class of their own for it.
 *
 * @return string
 */
function button() {
	$own = function_exists( 'wc_wp_theme_get_element_class_name' ) ? wc_wp_theme_get_element_class_name( 'button' ) : '';
	return trim( 'woocommerce-button button ' . $own );
}

/**
 * The withdrawal link at the foot of every page: it has to be easy to find for as long as somebody may withdraw.
 */
function footer_link() {
	if ( settings()['footer'] ) {
		$link = link_html( 'withdraw' );
		echo '' !== $link ? '<p class="postventa-withdrawal" style="text-align:center">' . wp_kses_post( $link ) . '</p>' : '';
	}
}

/**
 * `[postventa_link to="withdraw" text="..."]`.
 *
 * @param array|string $given The attributes.
 * @return string
 */
function shortcode( $given ) {
	$wish = shortcode_atts(
		array(
			'to'   => 'withdraw',
			'text' => '',
		),
		$given,
		'postventa_link'
	);
	return link_html( $wish['to'], $wish['text'] );
}

/**
 * A link, ready to be printed; empty while there is nowhere to go.
 *
 * @param string $page One of `PAGES`.
 * @param string $text Other words.
 * @return string
 */
function link_html( $page, $text = '' ) {
	$url = page_url( $page );
	return '' === $url ? '' : sprintf( '<a href="%s">%s</a>', esc_url( $url ), esc_html( '' !== $text ? $text : words( $page ) ) );
}
