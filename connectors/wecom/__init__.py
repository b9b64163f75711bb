"""WeCom 微信客服: residents write in WeChat to a customer-service account of the county's WeCom."""
