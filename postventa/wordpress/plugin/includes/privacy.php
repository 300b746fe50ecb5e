<?php
/**
 * Requests about personal data: what WordPress is asked for, Postventa is asked for too (Tools > Export and Erase Personal Data).
 *
 * @package Postventa
 */

namespace Postventa;

defined( 'ABSPATH' ) || exit;

const DEADLINE = 30 * DAY_IN_SECONDS;

add_filter( 'wp_privacy_personal_data_exporters', __NAMESPACE__ . '\\add_exporter' );
add_filter( 'wp_privacy_personal_data_erasers', __NAMESPACE__ . '\\add_eraser' );
add_action( 'admin_init', __NAMESPACE__ . '\\suggest_policy' );

/**
 * Among WordPress' exporters.
 *
 * @param array $exporters The others.
 * @return array
 */
function add_exporter( $exporters ) {
	$exporters['postventa'] = array(
		'exporter_friendly_name' => 'Postventa',
		'callback'               => __NAMESPACE__ . '\\export',
	);
	return $exporters;
}

/**
 * Among WordPress' erasers.
 *
 * @param array $erasers The others.
 * @return array
 */
function add_eraser( $erasers ) {
	$erasers['postventa'] = array(
		'eraser_friendly_name' => 'Postventa',
		'callback'             => __NAMESPACE__ . '\\erase',
	);
	return $erasers;
}

/**
 * Ask Postventa for an export. It is made there, and the shop hands it on; here stands when it is due.
 *
 * @param string $email Whose data.
 * @return array|\WP_Error An error stops the export, so that nobody takes it for whole.
 */
function export( $email ) {
	$request = request_of( $email, 'export_personal_data' );
	$taken   = pass_on( 'postventa.privacy_export', about( 'postventa.privacy_export', $email, $request ) );
	if ( is_wp_error( $taken ) ) {
		return $taken;
	}
	/* translators: %s: a date. */
	$said = sprintf( __( 'It is being prepared. The shop sends it to you apart, by %s at the latest.', 'postventa' ), due( $request ) );
	return array(
		'data' => array(
			array(
				'group_id'    => 'postventa',
				'group_label' => __( 'What happened after your purchases', 'postventa' ),
				'item_id'     => 'postventa-' . $request['id'],
				'data'        => array(
					array(
						'name'  => __( 'Orders, parcels, returns, reviews and the mails about them', 'postventa' ),
						'value' => $said,
					),
				),
			),
		),
		'done' => true,
	);
}

/**
 * Ask Postventa to erase. It counts as retained here, since WordPress cannot see when it is done.
 *
 * @param string $email Whose data.
 * @return array|\WP_Error An error leaves the request open.
 */
function erase( $email ) {
	$request = request_of( $email, 'remove_personal_data' );
	$taken   = pass_on( 'postventa.privacy_erase', about( 'postventa.privacy_erase', $email, $request ) );
	if ( is_wp_error( $taken ) ) {
		return $taken;
	}
	$said = array( __( 'Postventa has the request and erases within minutes.', 'postventa' ) );
	/* translators: the law: in Spain, LOPDGDD art. 32. */
	$said[] = __( 'What proves past orders stays locked away there for as long as claims may come, for courts and authorities only.', 'postventa' );
	return array(
		'items_removed'  => false,
		'items_retained' => true,
		'messages'       => $said,
		'done'           => true,
	);
}

/**
 * The request in WordPress' books: its id and when it was made, so that the same one is the same one however often it is passed on.
 *
 * @param string $email  Whose data.
 * @param string $action What is asked for.
 * @return array
 */
function request_of( $email, $action ) {
	$ids   = get_posts(
		array(
			'post_type'      => 'user_request',
			'post_status'    => 'any',
			'post_name__in'  => array( $action ),
			'title'          => $email,
			'posts_per_page' => 1,
			'orderby'        => 'ID',
			'order'          => 'DESC',
			'fields'         => 'ids',
		)
	);
	$found = $ids ? wp_get_user_request( $ids[0] ) : false;
	if ( $found ) {
		return array(
			'id' => (string) $found->ID,
			'at' => (int) $found->created_timestamp,
		);
	}
	$today = strtotime( gmdate( 'Y-m-d' ) . ' 00:00:00 UTC' );
	return array(
		'id' => 'direct-' . substr( hash( 'sha256', strtolower( $email ) . $action ), 0, 16 ),
		'at' => $today,
	);
}

/**
 * The body: what is asked for, and about whom. It says itself what it is, since only the body is signed.
 *
 * @param string $topic   The delivery's topic.
 * @param string $email   Whose data.
 * @param array  $request The request.
 * @return array
 */
function about( $topic, $email, $request ) {
	$user = get_user_by( 'email', $email );
	return array(
		'postventa' => $topic,
		'request'   => array(
			'id'       => $request['id'],
			'asked_at' => gmdate( 'Y-m-d\TH:i:s\Z', $request['at'] ),
		),
		'person'    => array(
			'email'       => $email,
			'customer_id' => $user ? (int) $user->ID : 0,
		),
	);
}

/**
 * The last day for an answer, as people read it.
 *
 * @param array $request The request.
 * @return string
 */
function due( $request ) {
	return wp_date( get_option( 'date_format' ), $request['at'] + DEADLINE );
}

/**
 * Words for the shop's privacy policy (Settings > Privacy).
 */
function suggest_policy() {
	if ( function_exists( 'wp_add_privacy_policy_content' ) ) {
		$words = __( 'We follow up orders with our own Postventa service: it gets order, contact and delivery data, writes to you about your order, and makes return labels. It runs on our behalf; no data are sold or used for anything else.', 'postventa' );
		wp_add_privacy_policy_content( 'Postventa', '<p>' . esc_html( $words ) . '</p>' );
	}
}
