<?php
/**
 * For themes: a function that needs no block and no shortcode.
 *
 * @package Postventa
 */

defined( 'ABSPATH' ) || exit;

if ( ! function_exists( 'postventa_link' ) ) {
	/**
	 * Print a link to one of the shop's Postventa pages: `<?php postventa_link( 'withdraw' ); ?>`.
	 *
	 * @param string $page Which one: `track`, `returns` or `withdraw`.
	 * @param string $text Other words than the usual ones.
	 */
	function postventa_link( $page = 'withdraw', $text = '' ) {
		echo wp_kses_post( \Postventa\link_html( $page, $text ) );
	}
}
