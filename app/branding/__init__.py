"""How a tenant looks: its brand, the colours made from it, and its logo."""

from app.branding.brand import Brand, Link, brand_of, drawn, platform_brand

__all__ = ["Brand", "Link", "brand_of", "drawn", "platform_brand"]
