"""The official account (服务号): callbacks in, answers within five seconds, customer-service messages out."""
