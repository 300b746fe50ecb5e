<?php
/**
 * Leaves nothing behind. The webhooks are Postventa's: it takes them away when the shop is disconnected there.
 *
 * @package Postventa
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

if ( is_multisite() ) {
	foreach ( get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) as $postventa_site ) {
		delete_blog_option( $postventa_site, 'postventa_settings' );
	}
} else {
	delete_option( 'postventa_settings' );
}
