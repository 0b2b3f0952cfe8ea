"""The made-up accounts of the demo: what stands in for the secrets that a provider would give out."""

CREDENTIALS: dict[str, dict[str, str]] = {
    "sms": {
        "account_sid": "AC" + "0" * 31 + "1",
        "auth_token": "demo-twilio-token",
        "number": "+48732001002",
    },
    "messenger": {
        "page_id": "102938475610293",
        "app_secret": "demo-app-secret",
        "page_token": "demo-page-token",
        "verify_token": "demo-verify-token",
    },
    "telegram": {"token": "123456789:demo-telegram-token", "secret_token": "demo-secret-token"},
    "viber": {"auth_token": "demo-viber-token"},
    "whatsapp": {
        "phone_number_id": "106540352242922",
        "waba_id": "102290129340398",
        "app_secret": "demo-whatsapp-app-secret",
        "access_token": "demo-whatsapp-token",
        "verify_token": "demo-whatsapp-verify",
    },
}
