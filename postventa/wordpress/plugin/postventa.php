<?php
/**
 * Plugin Name:          Postventa
 * Description:          Shows your customers where to follow an order, return something and withdraw from a contract: on your own Postventa service.
 * Version:              1.0.0
 * Requires at least:    6.0
 * Requires PHP:         7.4
 * Requires Plugins:     woocommerce
 * WC requires at least: 8.0
 * WC tested up to:      10.5
 * Author:               Postventa
 * License:              GPL-2.0-or-later
 * License URI:          https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:          postventa
 * Domain Path:          /languages
 *
 * No page of the shop waits for Postventa: all links are made here, from what the settings say. Postventa is called in one case only, when somebody in
 * the administration exports or erases personal data.
 *
 * @package Postventa
 */

namespace Postventa;

defined( 'ABSPATH' ) || exit;

const VERSION = '1.0.0';
const FILE    = __FILE__;

require_once __DIR__ . '/includes/settings.php';
require_once __DIR__ . '/includes/links.php';
require_once __DIR__ . '/includes/connection.php';
require_once __DIR__ . '/includes/privacy.php';
require_once __DIR__ . '/includes/functions.php';
if ( is_admin() ) {
	require_once __DIR__ . '/includes/admin-page.php';
}

register_activation_hook( __FILE__, __NAMESPACE__ . '\\keep_preset' );
add_action( 'init', __NAMESPACE__ . '\\load_words', 5 );
add_action( 'change_locale', __NAMESPACE__ . '\\load_words' );
add_action( 'before_woocommerce_init', __NAMESPACE__ . '\\declare_compatible' );

/**
 * The words in the site's language, whatever its country: `es_MX` gets `es`. English stands in the code. WordPress forgets them when it writes to
 * somebody in another language.
 */
function load_words() {
	$language = strtok( determine_locale(), '_' );
	load_textdomain( 'postventa', __DIR__ . "/languages/postventa-{$language}.mo" );
}

/**
 * Orders are only read through WooCommerce's own functions, wherever it keeps them.
 */
function declare_compatible() {
	if ( class_exists( '\\Automattic\\WooCommerce\\Utilities\\FeaturesUtil' ) ) {
		\Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility( 'custom_order_tables', FILE, true );
		\Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility( 'cart_checkout_blocks', FILE, true );
	}
}
