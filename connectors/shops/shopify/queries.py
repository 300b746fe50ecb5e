"""What we ask of the Admin GraphQL API. Checked against the published schema in tests/connectors/shops/test_shopify_queries.py."""

from __future__ import annotations

API_VERSION = "2026-10"
"""Supported for at least twelve months from its first day: https://shopify.dev/docs/api/usage/versioning"""

CHECK = """
query Check {
  shop { name myshopifyDomain }
  currentAppInstallation { accessScopes { handle } }
}
"""

SHOP = """
query Shop {
  shop {
    name email contactEmail currencyCode ianaTimezone
    primaryDomain { url }
    shopAddress { company countryCodeV2 }
  }
  currentAppInstallation { accessScopes { handle } }
}
"""

_FULFILMENT = """
fragment FulfilmentParts on Fulfillment {
  legacyResourceId status displayStatus createdAt updatedAt estimatedDeliveryAt
  trackingInfo(first: 5) { company number url }
  fulfillmentLineItems(first: 100) { nodes { quantity lineItem { id requiresShipping } } }
  events(first: 50, sortKey: HAPPENED_AT) { nodes { status happenedAt estimatedDeliveryAt } }
}
"""

PARCELS = (
    """
query Parcels($id: ID!) {
  order(id: $id) { legacyResourceId fulfillments(first: 50) { ...FulfilmentParts } }
}
"""
    + _FULFILMENT
)

ORDER = (
    """
query Order($id: ID!) {
  order(id: $id) {
    legacyResourceId name email phone createdAt updatedAt cancelledAt cancelReason test note tags customerLocale
    currencyCode presentmentCurrencyCode taxesIncluded displayFinancialStatus displayFulfillmentStatus statusPageUrl paymentGatewayNames
    customerAcceptsMarketing
    totalPriceSet { presentmentMoney { amount currencyCode } }
    totalShippingPriceSet { presentmentMoney { amount currencyCode } }
    totalDiscountsSet { presentmentMoney { amount currencyCode } }
    totalTaxSet { presentmentMoney { amount currencyCode } }
    customer {
      legacyResourceId firstName lastName locale
      defaultEmailAddress { emailAddress marketingState marketingUpdatedAt }
    }
    shippingAddress { ...AddressParts }
    billingAddress { ...AddressParts }
    shippingLines(first: 5) { nodes { title taxLines { priceSet { presentmentMoney { amount } } } } }
    lineItems(first: 100) {
      nodes {
        id title variantTitle sku quantity requiresShipping
        image { url(transform: {maxWidth: 600}) }
        product { legacyResourceId }
        variant { legacyResourceId }
        originalUnitPriceSet { presentmentMoney { amount } }
        discountAllocations { allocatedAmountSet { presentmentMoney { amount } } }
        taxLines { priceSet { presentmentMoney { amount } } }
      }
    }
    refunds(first: 50) {
      legacyResourceId createdAt processedAt note
      transactions(first: 20) { nodes { kind status amountSet { presentmentMoney { amount currencyCode } } } }
      refundLineItems(first: 100) { nodes { quantity lineItem { id } } }
    }
    fulfillments(first: 50) { ...FulfilmentParts }
  }
}
fragment AddressParts on MailingAddress {
  firstName lastName name company address1 address2 city province provinceCode zip countryCodeV2 phone
}
"""
    + _FULFILMENT
)

CHANGED = """
query Changed($since: String!, $after: String) {
  orders(first: 100, after: $after, query: $since, sortKey: UPDATED_AT) {
    nodes { legacyResourceId updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}
"""

WEBHOOKS = """
query Webhooks($after: String) {
  currentAppInstallation { accessScopes { handle } }
  webhookSubscriptions(first: 100, after: $after) {
    nodes { id topic uri format }
    pageInfo { hasNextPage endCursor }
  }
}
"""

WEBHOOK_ADD = """
mutation WebhookAdd($topic: WebhookSubscriptionTopic!, $webhook: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $webhook) { userErrors { field message } }
}
"""

WEBHOOK_CHANGE = """
mutation WebhookChange($id: ID!, $webhook: WebhookSubscriptionInput!) {
  webhookSubscriptionUpdate(id: $id, webhookSubscription: $webhook) { userErrors { field message } }
}
"""

WEBHOOK_REMOVE = """
mutation WebhookRemove($id: ID!) {
  webhookSubscriptionDelete(id: $id) { userErrors { field message } }
}
"""

RETURN = """
query Return($id: ID!) {
  return(id: $id) {
    name
    order { id }
    decline { reason note }
    returnLineItems(first: 100) {
      nodes {
        quantity
        ... on ReturnLineItem {
          customerNote returnReasonNote
          returnReasonDefinition { name }
          fulfillmentLineItem { lineItem { id } }
        }
      }
    }
  }
}
"""

HISTORY = """
query History($placed: String!, $first: Int!, $after: String) {
  orders(first: $first, after: $after, query: $placed, sortKey: CREATED_AT) {
    nodes { legacyResourceId }
    pageInfo { hasNextPage endCursor }
  }
  ordersCount(query: $placed) { count }
}
"""

STANDING = """
query Standing($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Order { legacyResourceId } }
}
"""

PRODUCT = """
query Product($id: ID!) {
  product(id: $id) {
    legacyResourceId title vendor productType tags onlineStoreUrl
    category { name }
    featuredMedia { preview { image { url(transform: {maxWidth: 600}) } } }
    collections(first: 10) { nodes { title } }
    variants(first: 50) {
      nodes {
        legacyResourceId title sku
        media(first: 1) { nodes { preview { image { url(transform: {maxWidth: 600}) } } } }
        inventoryItem { measurement { weight { value unit } } }
      }
    }
  }
}
"""

VARIANTS = """
query Variants($id: ID!, $country: CountryCode) {
  shop { taxesIncluded }
  product(id: $id) {
    title status
    variants(first: 100) {
      nodes {
        legacyResourceId title sku availableForSale inventoryPolicy inventoryQuantity
        selectedOptions { name value }
        contextualPricing(context: {country: $country}) { price { amount currencyCode } }
        media(first: 1) { nodes { preview { image { url(transform: {maxWidth: 600}) } } } }
        inventoryItem { tracked measurement { weight { value unit } } }
      }
    }
  }
}
"""

SEARCH = """
query Search($text: String!) {
  products(first: 20, query: $text, sortKey: RELEVANCE) {
    nodes {
      legacyResourceId title vendor onlineStoreUrl tracksInventory totalInventory
      featuredMedia { preview { image { url(transform: {maxWidth: 600}) } } }
    }
  }
}
"""
