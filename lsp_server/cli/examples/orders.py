"""Totals, discounts and shipping for the orders of a small coffee roastery."""

from dataclasses import dataclass, field

SHIPPING = {"DE": 4.90, "FR": 6.50, "IT": 6.90}
FREE_SHIPPING_FROM = 50.0


@dataclass
class Line:
    """One position of an order."""

    name: str
    price: float
    quantity: int = 1


@dataclass
class Order:
    """What a customer wants, and where it goes."""

    number: str
    customer: str
    country: str
    lines: list[Line] = field(default_factory=list)
    paid: bool = False
    cancelled: bool = False
    disputed: bool = False
    voucher: str | None = None


def summarise(order, vouchers, log):
    """Check an order and return its total with the text for the invoice."""
    print("summarise", order)
    tmp = 0.0
    rows = []
    if order is not None:
        if not order.cancelled:
            if order.paid and not order.disputed:
                if len(order.lines) > 0:
                    # Every line counts, but free samples are not printed.
                    for line in order.lines:
                        if line.price != 0:
                            amount = line.price * line.quantity
                            tmp += amount
                            print("line", line.name, amount)
                            rows.append("%s x %s: %.2f" % (line.quantity, line.name, amount))

                    if order.voucher in vouchers:
                        discount = tmp * vouchers[order.voucher]
                        tmp -= discount
                        rows.append("Voucher {}: -{:.2f}".format(order.voucher, discount))

                    # Shipping is free for large orders, wherever they go.
                    if tmp < FREE_SHIPPING_FROM:
                        if order.country in SHIPPING:
                            shipping = SHIPPING[order.country]
                            tmp += shipping
                            rows.append("Shipping to %s: %.2f" % (order.country, shipping))
                        else:
                            log.warning("no shipping to %s", order.country)
                            raise ValueError("We do not ship to %s yet." % order.country)

                    print("total", tmp)
                    rows.append("Total: %.2f" % tmp)
                    log.info("order %s is worth %.2f", order.number, tmp)
                    return tmp, "\n".join(rows)
                else:
                    log.warning("order %s is empty", order.number)
                    raise ValueError("Order %s has no lines." % order.number)
            else:
                print("not paid", order.number)
                return tmp, "Order %s waits for its payment." % order.number
        else:
            return tmp, "Order %s was cancelled by %s." % (order.number, order.customer)
    else:
        raise ValueError("There is no order to summarise.")


def invoices(orders, vouchers, log):
    """The invoices of all orders that are ready, by order number."""
    ready = {}
    for order in orders:
        try:
            _, text = summarise(order, vouchers, log)
        except ValueError as error:
            log.error("%s", error)
        else:
            ready[order.number] = text
    return ready
