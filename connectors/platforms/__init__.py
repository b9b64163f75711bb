"""What WeChat, mini programs and WeCom have in common: encrypted callbacks, tokens, one client, error codes."""
