"""What we write by the Admin GraphQL API, and the questions around it. Checked against the published schema like `queries.py`."""

from __future__ import annotations

ORDER_NOTE = """
query OrderNote($id: ID!) {
  order(id: $id) { id note tags }
}
"""

ORDER_NOTE_SET = """
mutation OrderNoteSet($input: OrderInput!) {
  orderUpdate(input: $input) { order { id } userErrors { field message } }
}
"""

TAGS_ADD = """
mutation TagsAdd($id: ID!, $tags: [String!]!) {
  tagsAdd(id: $id, tags: $tags) { node { id } userErrors { field message } }
}
"""

REFUND_SUGGESTION = """
query RefundSuggestion($id: ID!, $lines: [RefundLineItemInput!]!, $shipping: Money) {
  order(id: $id) {
    id presentmentCurrencyCode
    suggestedRefund(refundLineItems: $lines, shippingAmount: $shipping) {
      amountSet { presentmentMoney { amount currencyCode } }
      maximumRefundableSet { presentmentMoney { amount currencyCode } }
      refundLineItems { quantity restockType lineItem { id } location { id } }
      suggestedTransactions {
        gateway
        amountSet { presentmentMoney { amount } }
        maximumRefundableSet { presentmentMoney { amount } }
        parentTransaction { id }
      }
    }
  }
}
"""

REFUNDS = """
query Refunds($id: ID!) {
  order(id: $id) {
    refunds(first: 100) { id note totalRefundedSet { presentmentMoney { amount currencyCode } } }
  }
}
"""

REFUND_CREATE = """
mutation RefundCreate($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) {
    refund { id totalRefundedSet { presentmentMoney { amount currencyCode } } }
    userErrors { field message }
  }
}
"""

DISCOUNT = """
query Discount($code: String!) {
  codeDiscountNodeByCode(code: $code) { id codeDiscount { ... on DiscountCodeBasic { title } } }
}
"""

DISCOUNT_CREATE = """
mutation DiscountCreate($discount: DiscountCodeBasicInput!) {
  discountCodeBasicCreate(basicCodeDiscount: $discount) { codeDiscountNode { id } userErrors { field message code } }
}
"""

RETURNABLE = """
query Returnable($id: ID!) {
  returnableFulfillments(orderId: $id, first: 50) {
    nodes { returnableFulfillmentLineItems(first: 100) { nodes { quantity fulfillmentLineItem { id lineItem { id } } } } }
  }
  returnReasonDefinitions(first: 100) { nodes { id handle deleted } }
}
"""

RETURNS = """
query Returns($id: ID!) {
  order(id: $id) {
    returns(first: 50) {
      nodes { id name status returnLineItems(first: 5) { nodes { ... on ReturnLineItem { customerNote returnReasonNote } } } }
    }
  }
}
"""

RETURN_CREATE = """
mutation ReturnCreate($input: ReturnInput!) {
  returnCreate(returnInput: $input) { return { id name } userErrors { field message code } }
}
"""

RETURN_REQUEST = """
mutation ReturnRequest($input: ReturnRequestInput!) {
  returnRequest(input: $input) { return { id name } userErrors { field message code } }
}
"""

RETURN_STATUS = """
query ReturnStatus($id: ID!) {
  return(id: $id) {
    id name status
    reverseFulfillmentOrders(first: 10) {
      nodes {
        id
        lineItems(first: 100) { nodes { id totalQuantity } }
        reverseDeliveries(first: 20) {
          nodes { id deliverable { ... on ReverseDeliveryShippingDeliverable { tracking { number } } } }
        }
      }
    }
  }
}
"""

RETURN_APPROVE = """
mutation ReturnApprove($input: ReturnApproveRequestInput!) {
  returnApproveRequest(input: $input) { return { id } userErrors { field message code } }
}
"""

RETURN_GOODS = """
query ReturnGoods($id: ID!) {
  return(id: $id) {
    id name status
    returnLineItems(first: 100) { nodes { id quantity ... on ReturnLineItem { fulfillmentLineItem { lineItem { id } } } } }
  }
}
"""

RETURN_REMOVE = """
mutation ReturnRemove($id: ID!, $items: [ReturnLineItemRemoveFromReturnInput!]!) {
  removeFromReturn(returnId: $id, returnLineItems: $items) { return { id } userErrors { field message code } }
}
"""

RETURN_DECLINE = """
mutation ReturnDecline($input: ReturnDeclineRequestInput!) {
  returnDeclineRequest(input: $input) { return { id } userErrors { field message code } }
}
"""

RETURN_CLOSE = """
mutation ReturnClose($id: ID!) {
  returnClose(id: $id) { return { id } userErrors { field message code } }
}
"""

RETURN_CANCEL = """
mutation ReturnCancel($id: ID!) {
  returnCancel(id: $id) { return { id } userErrors { field message code } }
}
"""

RETURN_LABEL = """
mutation ReturnLabel(
  $id: ID!, $items: [ReverseDeliveryLineItemInput!]!, $label: ReverseDeliveryLabelInput, $tracking: ReverseDeliveryTrackingInput
) {
  reverseDeliveryCreateWithShipping(
    reverseFulfillmentOrderId: $id, reverseDeliveryLineItems: $items, labelInput: $label, trackingInput: $tracking, notifyCustomer: false
  ) { reverseDelivery { id } userErrors { field message code } }
}
"""

SCANS = """
query Scans($id: ID!) {
  fulfillment(id: $id) { id events(first: 100, sortKey: HAPPENED_AT) { nodes { id status happenedAt } } }
}
"""

SCAN_ADD = """
mutation ScanAdd($event: FulfillmentEventInput!) {
  fulfillmentEventCreate(fulfillmentEvent: $event) { fulfillmentEvent { id } userErrors { field message } }
}
"""

EXCHANGE_OF = """
query ExchangeOf($id: ID!) {
  order(id: $id) {
    id name email presentmentCurrencyCode taxExempt
    customer { id }
    shippingAddress { ...PlaceParts }
    billingAddress { ...PlaceParts }
    shippingLines(first: 1) { nodes { title } }
  }
}
fragment PlaceParts on MailingAddress { firstName lastName company address1 address2 city provinceCode zip countryCodeV2 phone }
"""

DRAFT_CALCULATE = """
mutation DraftCalculate($input: DraftOrderInput!) {
  draftOrderCalculate(input: $input) {
    calculatedDraftOrder {
      taxesIncluded
      subtotalPriceSet { presentmentMoney { amount } }
      totalPriceSet { presentmentMoney { amount currencyCode } }
    }
    userErrors { field message }
  }
}
"""

_DRAFT = """
fragment DraftParts on DraftOrder {
  id name tags invoiceUrl
  customAttributes { key value }
  totalPriceSet { presentmentMoney { amount currencyCode } }
  order { id name cancelledAt displayFulfillmentStatus }
}
"""

DRAFTS = (
    """
query Drafts($tag: String!) {
  draftOrders(first: 10, query: $tag, reverse: true) { nodes { ...DraftParts } }
}
"""
    + _DRAFT
)

DRAFT_STATE = (
    """
query DraftState($id: ID!) {
  draftOrder(id: $id) { ...DraftParts }
}
"""
    + _DRAFT
)

ORDERS_TAGGED = """
query OrdersTagged($tag: String!) {
  orders(first: 10, query: $tag, reverse: true) { nodes { id name tags cancelledAt customAttributes { key value } } }
}
"""

DRAFT_CREATE = (
    """
mutation DraftCreate($input: DraftOrderInput!) {
  draftOrderCreate(input: $input) { draftOrder { ...DraftParts } userErrors { field message } }
}
"""
    + _DRAFT
)

DRAFT_COMPLETE = (
    """
mutation DraftComplete($id: ID!) {
  draftOrderComplete(id: $id) { draftOrder { ...DraftParts } userErrors { field message } }
}
"""
    + _DRAFT
)

DRAFT_DELETE = """
mutation DraftDelete($input: DraftOrderDeleteInput!) {
  draftOrderDelete(input: $input) { deletedId userErrors { field message } }
}
"""

ORDER_STATE = """
query OrderState($id: ID!) {
  order(id: $id) { id name cancelledAt displayFulfillmentStatus }
}
"""

ORDER_CANCEL = """
mutation OrderCancel($id: ID!, $note: String) {
  orderCancel(
    orderId: $id, reason: OTHER, restock: true, refundMethod: {originalPaymentMethodsRefund: true}, notifyCustomer: false, staffNote: $note
  ) { job { id } userErrors: orderCancelUserErrors { field message code } }
}
"""

CREDIT_OF = """
query CreditOf($id: ID!) {
  order(id: $id) { id name customer { id } }
}
"""

STORE_CREDITS = """
query StoreCredits($id: ID!) {
  customer(id: $id) {
    storeCreditAccounts(first: 20) {
      nodes {
        transactions(first: 50, reverse: true) {
          nodes { ... on StoreCreditAccountCreditTransaction { id createdAt expiresAt amount { amount currencyCode } } }
        }
      }
    }
  }
}
"""

STORE_CREDIT_ADD = """
mutation StoreCreditAdd($id: ID!, $credit: StoreCreditAccountCreditInput!) {
  storeCreditAccountCredit(id: $id, creditInput: $credit) {
    storeCreditAccountTransaction { id } userErrors { field message code }
  }
}
"""

GIFT_CARDS = """
query GiftCards($made: String!) {
  giftCards(first: 100, query: $made, reverse: true) { nodes { id note } }
}
"""

GIFT_CARD_CREATE = """
mutation GiftCardCreate($input: GiftCardCreateInput!) {
  giftCardCreate(input: $input) { giftCard { id } userErrors { field message code } }
}
"""
