<?php
/**
 * As much of WordPress and WooCommerce as the plugin touches, with their names and their manners: hooks with priorities, escaping, catalogues.
 *
 * Called with the plugin's folder; what stands in this world, and what is done in it, comes as JSON on standard input. Says what came of each deed.
 * What the plugin sends goes nowhere: it is written down.
 */

error_reporting( E_ALL );
set_error_handler(
	function ( $level, $message, $file, $line ) {
		throw new ErrorException( $message, 0, $level, $file, $line );
	}
);

const ABSPATH        = '/';
const DAY_IN_SECONDS = 86400;
$world = json_decode( stream_get_contents( STDIN ), true );
$doing = $hooks = $codes = $words = $sent = $pages = $said = array();

class WP_Error {
	public $code, $message;
	public function __construct( $code, $message ) { $this->code = $code; $this->message = $message; }
	public function get_error_message() { return $this->message; }
}
class WC_Order {
	private $told;
	public function __construct( $told ) { $this->told = $told; }
	public function get_status() { return $this->told['status']; }
	public function get_order_number() { return $this->told['number']; }
	public function has_status( $any ) { return in_array( $this->told['status'], (array) $any, true ); }
}
class WC_Webhook {
	private $told;
	public function __construct( $told ) { $this->told = $told; }
	public function get_delivery_url() { return $this->told['url']; }
	public function get_status() { return $this->told['status']; }
	public function generate_signature( $payload ) {
		return base64_encode( hash_hmac( 'sha256', $payload, htmlspecialchars_decode( $this->told['secret'], ENT_QUOTES ), true ) );
	}
}
class WC_Data_Store {
	public static function load( $kind ) { return new self(); }
	public function get_webhooks_ids() { global $world; return array_keys( $world['webhooks'] ); }
}

function add_filter( $name, $callback, $priority = 10, $arguments = 1 ) { global $hooks; $hooks[ $name ][ $priority ][] = array( $callback, $arguments ); }
function add_action( $name, $callback, $priority = 10, $arguments = 1 ) { add_filter( $name, $callback, $priority, $arguments ); }
function apply_filters( $name, $value, ...$more ) {
	global $hooks;
	$all = $hooks[ $name ] ?? array();
	ksort( $all );
	foreach ( array_merge( array(), ...$all ) as list( $callback, $arguments ) ) {
		$value = call_user_func_array( $callback, array_slice( array( $value, ...$more ), 0, $arguments ) );
	}
	return $value;
}
function do_action( $name, ...$given ) {
	global $doing, $hooks;
	$doing[] = $name;
	$all     = $hooks[ $name ] ?? array();
	ksort( $all );
	foreach ( array_merge( array(), ...$all ) as list( $callback, $arguments ) ) {
		call_user_func_array( $callback, array_slice( $given ? $given : array( null ), 0, $arguments ) );
	}
	array_pop( $doing );
}
function doing_action( $name ) { global $doing; return in_array( $name, $doing, true ); }
function add_shortcode( $name, $callback ) { global $codes; $codes[ $name ] = $callback; }
function shortcode_atts( $known, $given, $name = '' ) { return array_merge( $known, array_intersect_key( (array) $given, $known ) ); }

function register_activation_hook( $file, $callback ) { add_action( 'activate', $callback ); }
function get_option( $name, $default = false ) { global $world; return $world['options'][ $name ] ?? $default; }
function update_option( $name, $value ) { global $world; $world['options'][ $name ] = $value; }
function delete_option( $name ) { global $world; unset( $world['options'][ $name ] ); }
function register_setting( $group, $name, $about ) { add_filter( "sanitize_option_$name", $about['sanitize_callback'] ); }
function add_settings_error( $setting, $code, $message, $type = 'error' ) { global $said; $said[] = array( $code, $message, $setting ); }
function settings_errors( $setting = '' ) { // wp-admin/options.php puts its own word, "general", beside what the plugin said
	global $said, $world;
	foreach ( array_merge( $said, $world['saved'] ? array( array( 'settings_updated', 'Settings saved.', 'general' ) ) : array() ) as $one ) {
		echo '' === $setting || $setting === $one[2] ? '<p>' . esc_html( $one[1] ) . '</p>' : '';
	}
}
function settings_fields( $group ) { echo '<input type="hidden" name="_wpnonce" value="nonce-of-' . esc_attr( $group ) . '">'; }
function submit_button() { echo '<button type="submit">Save</button>'; }
function add_submenu_page( $parent, $title, $menu, $right, $slug, $callback ) { global $pages; $pages[] = compact( 'parent', 'right', 'slug', 'callback' ); }
function current_user_can( $right ) { global $world; return in_array( $right, $world['rights'], true ); }
function wp_die( $message, $title, $more ) { throw new RuntimeException( $more['response'] . ' ' . $message ); }
function checked( $one, $other, $print ) { return $one == $other ? " checked='checked'" : ''; }
function plugin_basename( $file ) { return 'postventa/postventa.php'; }
function admin_url( $path ) { return home_url( '/wp-admin/' . $path ); }
function home_url( $path ) { global $world; return $world['home'] . $path; }
function is_admin() { global $world; return $world['admin']; }
function is_multisite() { return false; }

function esc_html( $text ) { return htmlspecialchars( $text, ENT_QUOTES ); }
function esc_attr( $text ) { return htmlspecialchars( $text, ENT_QUOTES ); }
function esc_url( $url ) { return preg_match( '#\Ahttps?://#i', $url ) ? str_replace( '&', '&#038;', str_replace( array( '"', "'", '<', '>', ' ' ), '', $url ) ) : ''; }
function sanitize_title( $text ) { return strtolower( preg_replace( '/[^A-Za-z0-9]+/', '-', $text ) ); }
function wp_kses_post( $html ) { return preg_replace( '#<(script|iframe|style)\b.*?</\1>#is', '', $html ); }
function wp_parse_url( $url, $part = -1 ) { return parse_url( $url, $part ); }
function wp_http_validate_url( $url ) { return in_array( wp_parse_url( $url, PHP_URL_PORT ), array( null, 80, 443, 8080 ), true ) ? $url : false; }
function wp_json_encode( $value ) { return json_encode( $value ); }
function wp_date( $format, $moment ) { return gmdate( $format, $moment ); }
function wp_add_privacy_policy_content( $name, $html ) { global $said; $said[] = array( $name, $html, 'privacy' ); }

function determine_locale() { global $world; return $world['locale']; }
function load_textdomain( $domain, $file ) {
	global $words;
	if ( ! is_readable( $file ) ) {
		return false;
	}
	$raw                   = file_get_contents( $file );
	list( , $count, $from, $to ) = array_values( unpack( 'Vrevision/Vcount/Vfrom/Vto', $raw, 4 ) );
	for ( $n = 0; $n < $count; $n++ ) {
		list( $length, $at )   = array_values( unpack( 'V2', $raw, $from + 8 * $n ) );
		list( $longer, $there ) = array_values( unpack( 'V2', $raw, $to + 8 * $n ) );
		$words[ substr( $raw, $at, $length ) ] = substr( $raw, $there, $longer );
	}
	return true;
}
function __( $text, $domain ) { global $words; return $words[ $text ] ?? $text; }
function esc_html__( $text, $domain ) { return esc_html( __( $text, $domain ) ); }

function wc_wp_theme_get_element_class_name( $element ) { return "wp-element-$element"; }
function wc_get_account_orders_actions( $order ) { return apply_filters( 'woocommerce_my_account_my_orders_actions', array( 'view' => array() ), $order ); }
add_action( 'woocommerce_view_order', function ( $id ) { // WooCommerce's own table of the order shows its buttons too
	echo wc_get_order( $id ) ? 'Actions: ' . implode( ', ', array_diff( array_keys( wc_get_account_orders_actions( wc_get_order( $id ) ) ), array( 'view' ) ) ) . '.' : '';
} );
function wc_get_order( $id ) { global $world; return isset( $world['orders'][ $id ] ) ? new WC_Order( $world['orders'][ $id ] ) : false; }
function wc_get_webhook( $id ) { global $world; return new WC_Webhook( $world['webhooks'][ $id ] ); }
function get_user_by( $field, $value ) { global $world; return isset( $world['users'][ $value ] ) ? (object) array( 'ID' => $world['users'][ $value ] ) : false; }
function get_posts( $query ) {
	global $world;
	$found = array();
	foreach ( $world['requests'] as $id => $request ) {
		if ( $request['email'] === $query['title'] && in_array( $request['action'], $query['post_name__in'], true ) ) {
			array_unshift( $found, $id );
		}
	}
	return array_slice( $found, 0, $query['posts_per_page'] );
}
function wp_get_user_request( $id ) { global $world; return (object) array( 'ID' => $id, 'created_timestamp' => $world['requests'][ $id ]['at'] ); }
function is_wp_error( $value ) { return $value instanceof WP_Error; }
function wp_safe_remote_post( $url, $what ) {
	global $world, $sent;
	$sent[] = array( 'url' => $url ) + $what;
	return is_int( $world['answer'] ) ? array( 'code' => $world['answer'] ) : new WP_Error( 'http_request_failed', $world['answer'] );
}
function wp_remote_retrieve_response_code( $response ) { return is_wp_error( $response ) ? '' : $response['code']; }

function done( $deed ) {
	global $hooks, $codes, $pages, $world;
	list( $what, $given ) = array( $deed[0], array_slice( $deed, 1 ) );
	switch ( $what ) {
		case 'actions': return wc_get_account_orders_actions( wc_get_order( $given[0] ) );
		case 'speak': $GLOBALS['words'] = array(); $world['locale'] = $given[0]; return do_action( 'change_locale', $given[0] );
		case 'do': return do_action( ...$given );
		case 'shortcode': return $codes['postventa_link']( $given[0] );
		case 'theme': return postventa_link( ...$given );
		case 'save': return $world['options']['postventa_settings'] = apply_filters( 'sanitize_option_postventa_settings', $given[0] );
		case 'page': return call_user_func( $pages[0]['callback'] );
		case 'right': return array( $pages[0]['right'], apply_filters( 'option_page_capability_postventa', 'manage_options' ) );
		case 'export': return apply_filters( 'wp_privacy_personal_data_exporters', array() )['postventa']['callback']( $given[0], 1 );
		case 'erase': return apply_filters( 'wp_privacy_personal_data_erasers', array() )['postventa']['callback']( $given[0], 1 );
		case 'activate': do_action( 'activate' ); return $world['options']['postventa_settings'] ?? null;
		case 'remove': define( 'WP_UNINSTALL_PLUGIN', 'postventa/postventa.php' ); require $world['plugin'] . '/uninstall.php'; return $world['options'];
	}
	throw new RuntimeException( "nobody knows how to $what" );
}

$world['plugin'] = $argv[1];
require $argv[1] . '/postventa.php';
foreach ( array( 'init', 'before_woocommerce_init' ) as $name ) {
	do_action( $name );
}
if ( is_admin() ) {
	do_action( 'admin_menu' );
	do_action( 'admin_init' );
}
$came = array();
foreach ( $world['deeds'] as $deed ) {
	ob_start();
	try {
		$result = done( $deed );
		$failed = $result instanceof WP_Error ? $result->get_error_message() : '';
	} catch ( RuntimeException $error ) {
		list( $result, $failed ) = array( null, $error->getMessage() );
	}
	$came[] = array( 'result' => $failed ? null : $result, 'failed' => $failed, 'printed' => ob_get_clean() );
}
echo json_encode( array( 'came' => $came, 'sent' => $sent, 'said' => $said ), JSON_THROW_ON_ERROR );
