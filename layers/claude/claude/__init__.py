"""Our thin loop around the anthropic SDK: a deadline, a budget's worth of prices, a breaker. The SDK is imported when it is first asked."""
