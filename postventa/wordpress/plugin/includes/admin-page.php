<?php
/**
 * WooCommerce > Postventa.
 *
 * @package Postventa
 */

namespace Postventa;

defined( 'ABSPATH' ) || exit;

const PAGE  = 'postventa';
const RIGHT = 'manage_woocommerce';

add_action( 'admin_menu', __NAMESPACE__ . '\\add_page', 60 );
add_action( 'admin_init', __NAMESPACE__ . '\\register' );
add_filter( 'option_page_capability_' . PAGE, __NAMESPACE__ . '\\right' );
add_filter( 'plugin_action_links_' . plugin_basename( FILE ), __NAMESPACE__ . '\\add_settings_link' );

/**
 * Below WooCommerce's menu.
 */
function add_page() {
	add_submenu_page( 'woocommerce', 'Postventa', 'Postventa', RIGHT, PAGE, __NAMESPACE__ . '\\show_page' );
}

/**
 * WordPress checks the nonce of the form and calls `sanitise` for what it sends.
 */
function register() {
	register_setting(
		PAGE,
		OPTION,
		array(
			'type'              => 'array',
			'sanitize_callback' => __NAMESPACE__ . '\\sanitise',
			'default'           => DEFAULTS,
		)
	);
}

/**
 * Who looks after the shop may change it; that need not be who looks after the site.
 *
 * @return string
 */
function right() {
	return RIGHT;
}

/**
 * In the list of plugins.
 *
 * @param array $links The others.
 * @return array
 */
function add_settings_link( $links ) {
	array_unshift( $links, sprintf( '<a href="%s">%s</a>', esc_url( admin_url( 'admin.php?page=' . PAGE ) ), esc_html__( 'Settings', 'postventa' ) ) );
	return $links;
}

/**
 * The page. It asks nobody: what it says of the connection stands in WooCommerce's own list of webhooks.
 */
function show_page() {
	if ( ! current_user_can( RIGHT ) ) {
		wp_die( esc_html__( 'You may not change this.', 'postventa' ), '', array( 'response' => 403 ) );
	}
	$known = settings();
	echo '<div class="wrap"><h1>Postventa</h1>';
	settings_errors(); // also WordPress' own word that they were saved, which outside of its menu "Settings" nobody prints
	show_state();
	echo '<form method="post" action="options.php">';
	settings_fields( PAGE );
	echo '<table class="form-table" role="presentation"><tbody>';
	text_row( 'address', __( 'Address of your Postventa', 'postventa' ), 'https://postventa.example', __( 'Where you sign in to it.', 'postventa' ), $known );
	text_row( 'shop', __( 'Public name of your shop', 'postventa' ), 'zapateria-mara-7kqxvp', __( 'Postventa shows it on the page of your shop. You may also paste the address of one of your customer pages.', 'postventa' ), $known );
	text_row( 'pages', __( 'Own address of the customer pages', 'postventa' ), 'https://ayuda.tienda.example', __( 'Only if you gave them one. Otherwise leave it empty.', 'postventa' ), $known );
	box_row( 'orders', __( 'At orders', 'postventa' ), __( 'Show the links in "My account", at the order, and after it was placed', 'postventa' ), $known );
	box_row( 'footer', __( 'At the foot of every page', 'postventa' ), __( 'Show the withdrawal link, as the law asks for in the European Union', 'postventa' ), $known );
	echo '</tbody></table>';
	submit_button();
	echo '</form>';
	show_pages();
	echo '</div>';
}

/**
 * How the two stand, and the next step.
 */
function show_state() {
	$state = state();
	$host  = (string) wp_parse_url( settings()['address'], PHP_URL_HOST );
	$said  = array(
		'unset'    => array( 'info', __( 'Type in where your Postventa is, and save.', 'postventa' ) ),
		'apart'    => array( 'warning', __( 'This shop is not connected yet. You approve Postventa in two clicks; nothing has to be copied.', 'postventa' ) ),
		/* translators: 1: a number, 2: a number, 3: a host name. */
		'partly'   => array( 'warning', sprintf( __( '%1$d of %2$d webhooks to %3$s work. Postventa puts the others right within the hour.', 'postventa' ), $state['active'], $state['all'], $host ) ),
		/* translators: 1: a number, 2: a host name. */
		'together' => array( 'success', sprintf( __( 'Connected: %1$d webhooks tell %2$s what happens in this shop.', 'postventa' ), $state['all'], $host ) ),
	);
	list( $kind, $words ) = $said[ $state['name'] ];
	printf( '<div class="notice notice-%s inline"><p>%s</p>', esc_attr( $kind ), esc_html( $words ) );
	if ( 'apart' === $state['name'] ) {
		printf( '<p><a class="button button-primary" href="%s">%s</a></p>', esc_url( connect_url() ), esc_html__( 'Connect with Postventa', 'postventa' ) );
	}
	echo '</div>';
}

/**
 * A line with something to type.
 *
 * @param string $field   The setting.
 * @param string $title   What it is.
 * @param string $example What it looks like.
 * @param string $hint    Where to find it.
 * @param array  $known   The settings.
 */
function text_row( $field, $title, $example, $hint, $known ) {
	printf(
		'<tr><th scope="row"><label for="postventa-%1$s">%2$s</label></th><td><input type="text" class="regular-text code" id="postventa-%1$s" name="%3$s[%1$s]" value="%4$s" placeholder="%5$s" autocomplete="off" spellcheck="false" aria-describedby="postventa-%1$s-hint"><p class="description" id="postventa-%1$s-hint">%6$s</p></td></tr>',
		esc_attr( $field ),
		esc_html( $title ),
		esc_attr( OPTION ),
		esc_attr( $known[ $field ] ),
		esc_attr( $example ),
		esc_html( $hint )
	);
}

/**
 * A line with something to tick.
 *
 * @param string $field The setting.
 * @param string $title Where it is.
 * @param string $words What it does.
 * @param array  $known The settings.
 */
function box_row( $field, $title, $words, $known ) {
	printf(
		'<tr><th scope="row">%2$s</th><td><label><input type="checkbox" name="%3$s[%1$s]" value="1"%4$s> %5$s</label></td></tr>',
		esc_attr( $field ),
		esc_html( $title ),
		esc_attr( OPTION ),
		checked( $known[ $field ], true, false ),
		esc_html( $words )
	);
}

/**
 * The pages to look at, and how to put a link elsewhere.
 */
function show_pages() {
	if ( '' === page_url( 'track' ) ) {
		return;
	}
	echo '<h2>' . esc_html__( 'Pages for your customers', 'postventa' ) . '</h2><table class="widefat striped" style="max-width:60em"><tbody>';
	foreach ( PAGES as $page ) {
		printf( '<tr><td><a href="%s">%s</a></td><td><code>[postventa_link to="%s"]</code></td></tr>', esc_url( page_url( $page ) ), esc_html( words( $page ) ), esc_html( $page ) );
	}
	echo '</tbody></table><p>' . esc_html__( 'Put the short code into any page, menu or footer to show the link there.', 'postventa' ) . '</p>';
}
